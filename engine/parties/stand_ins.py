"""Words that stand where a name should: several people, nobody known, a paper, or a part in the deal."""

from __future__ import annotations

from collections.abc import Iterable

from carveout.engine.parties.matching.letters import words_of

_SEVERAL_OR_UNKNOWN = """
various several diverse multiple miscellaneous misc sundry other others etc unknown undisclosed unnamed unspecified
anonymous confidential nobody none someone somebody anyone anybody everybody nn same ditto pending missing confirmed
determined advised announced nominated specified stated applicable disclosed tba tbc tbd tbn available unavailable
divers diverses verschiedene mehrere andere unbekannt unbekannte unbekannter ungenannt anonym jemand niemand genannt
angegeben bekannt diversos diversas varios varias otros desconocido desconocida confirmar especificado plusieurs
autres inconnu inconnue anonyme connu précisé vari varie diversi altri sconosciuto ignoto noto outros desconhecido
desconhecida różni różne inni nieznany nieznana podano onbekend verschillende anderen çeşitli diğer bilinmeyen
bilinmiyor belirsiz разные различные прочие другие иные неизвестно неизвестен неизвестный неизвестная неизвестные
неизвестное указано указан указана уточняется отсутствует нет різні невідомо невідомий невідома розныя невядома
невядомы
"""
_PAPERS = """
see attached attachment annex appendix enclosed enclosure above below siehe anlage anhang oben unten voir annexe véase
anexo adjunto vedi allegato zob patrz załącznik załączniku zie bijlage ekte ek приложение приложению приложении
прилагается вложение вложении договор договору документ выше ниже дивись додаток додатку додатком глядзі дадатак
дадатку
"""
_PARTS = """
customer customers client clients buyer buyers purchaser seller sellers supplier suppliers vendor vendors consignee
consignor shipper receiver recipient sender beneficiary payer payee remitter importer exporter user users enduser
owner owners operator lessor lessee intermediary applicant person persons individual individuals people party
parties counterparty bank banks airline airlines company companies firm firms entity entities group kunde kunden
kundin käufer verkäufer lieferant lieferanten empfänger absender auftraggeber endverwender person personen
privatperson firma firmen bank unternehmen cliente clientes comprador vendedor proveedor destinatario
beneficiario particular banco banca client acheteur vendeur fournisseur destinataire expéditeur bénéficiaire
particulier banque acquirente fornitore privato klient kupujący sprzedający dostawca odbiorca nadawca klant koper
verkoper leverancier müşteri alıcı satıcı tedarikçi banka покупатель продавец клиент клиенты заказчик поставщик
поставщики получатель отправитель грузополучатель грузоотправитель плательщик бенефициар физлицо лицо лица банк
авиакомпания фирма организация покупець продавець клієнт замовник постачальник одержувач пакупнік прадавец кліент
заказчык
"""
_BESIDE = """
as at be by et und for from in not of on the to yet only per our your my its an all any some first second third
final end ultimate local foreign named name names given known list file siehe private privat vgl nicht noch offen ci
joint non pas le la les por sin no ver da dal di del nie do van niet cf re attn ref number and or physical natural legal
см смотри во не по из ещё согласно частное частные физическое физические юридическое юридические без имени
"""


def _plain(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.plain for text in texts for word in words_of(text))


STAND_INS = _plain((_SEVERAL_OR_UNKNOWN, _PAPERS))
"""In plain letters. A name of these alone, and of parts and words of `BESIDE`, is none."""
PARTS = _plain((_PARTS,))
"""So with these, but some firm may be registered as `Customer Ltd`."""
BESIDE = _plain((_BESIDE,))
"""Words that stand beside them. None is a letter: `Supplier S` is somebody whom the user knows."""
