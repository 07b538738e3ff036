"""Who a party is: names, official lists, matching, ownership."""
