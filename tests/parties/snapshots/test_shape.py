"""A field that was renamed is read as an empty one: the file is then not believed."""

from datetime import date, timedelta
from xml.sax.saxutils import escape

import pytest

from carveout.engine.parties.snapshots.plausibility import Implausible

from .samples import Take

DAY = date(2024, 5, 7)
NEXT = DAY + timedelta(days=1)


def people(day: date, count: int) -> str:
    """SDN.XML of people, with all that OFAC says of people."""
    entries = "".join(
        f"<sdnEntry><uid>{n}</uid><firstName>{escape(f'Ivan {n}')}</firstName><lastName>PETROV</lastName>"
        "<sdnType>Individual</sdnType><programList><program>RED</program></programList>"
        f"<idList><id><uid>{n}1</uid><idType>Passport</idType><idNumber>AB{n:06}</idNumber><idCountry>Nauru</idCountry>"
        f"</id></idList><akaList><aka><uid>{n}2</uid><type>a.k.a.</type><category>weak</category>"
        f"<lastName>VANYA{n}</lastName></aka></akaList>"
        f"<addressList><address><uid>{n}3</uid><city>Yaren</city><country>Nauru</country></address></addressList>"
        f"<dateOfBirthList><dateOfBirthItem><uid>{n}4</uid><dateOfBirth>02 May 1970</dateOfBirth><mainEntry>true"
        "</mainEntry></dateOfBirthItem></dateOfBirthList>"
        f"<placeOfBirthList><placeOfBirthItem><uid>{n}5</uid><placeOfBirth>Yaren</placeOfBirth><mainEntry>true"
        "</mainEntry></placeOfBirthItem></placeOfBirthList></sdnEntry>"
        for n in range(1, count + 1)
    )
    head = f"<Publish_Date>{day:%m/%d/%Y}</Publish_Date><Record_Count>{count}</Record_Count>"
    return f'<?xml version="1.0"?><sdnList><publshInformation>{head}</publshInformation>{entries}</sdnList>'


def renamed(text: str, name: str) -> str:
    return text.replace(f"<{name}>", f"<{name}New>").replace(f"</{name}>", f"</{name}New>")


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("akaList", "other names"), ("aka", "other names"), ("category", "weak names"),
        ("firstName", "people with more than one word to their name"), ("program", "programmes"), ("id", "numbers"),
        ("idNumber", "numbers"), ("addressList", "addresses"), ("dateOfBirth", "birth dates"),
        ("placeOfBirthItem", "birth places"),
    ],
)  # fmt: skip
def test_a_field_that_was_renamed_is_noticed(name: str, lost: str, taking: Take) -> None:
    taking(people(DAY, 30))
    with pytest.raises(Implausible) as refused:
        taking(renamed(people(NEXT, 31), name))
    assert any(f"0 of its entries have {lost}, and 30 had" in doubt for doubt in refused.value.doubts)


def test_a_list_that_says_the_same_is_believed(taking: Take) -> None:
    taking(people(DAY, 30))
    assert taking(people(NEXT, 31)).new


def test_the_first_file_of_a_list_has_people_of_more_than_one_word(taking: Take) -> None:
    with pytest.raises(Implausible, match="most of its 200 people have one word to their name"):
        taking(renamed(people(DAY, 200), "firstName"))
    assert taking(people(DAY, 200)).new
