"""Words of trade: legal forms, which say nothing about who it is, and generic words, which say little."""

from __future__ import annotations

from carveout.engine.parties.alphabets import spelled

# Stripped wherever they stand at either end of a name.
_FORMS = """
open joint stock company | joint stock company | closed joint stock company | public joint stock company |
private joint stock company | private stock company | limited liability company | limited liability partnership |
additional liability company | foreign limited liability company | joint limited liability company |
unitary enterprise | private unitary enterprise | republican unitary enterprise | state unitary enterprise |
private company limited by shares | public limited company | private limited | company limited |
aktiengesellschaft | gesellschaft mit beschrankter haftung | naamloze vennootschap | besloten vennootschap |
societe anonyme | sociedad anonima | sociedad limitada | societa per azioni | anonim sirketi | limited sirketi |
kommanditgesellschaft | открытое акционерное общество | закрытое акционерное общество |
публичное акционерное общество | непубличное акционерное общество | акционерное общество |
общество с ограниченной ответственностью | общество с дополнительной ответственностью |
совместное общество с ограниченной ответственностью | республиканское унитарное предприятие |
унитарное предприятие | частное унитарное предприятие | адкрытае акцыянернае таварыства |
закрытае акцыянернае таварыства | акцыянернае таварыства | таварыства з абмежаванай адказнасцю |
рэспубліканскае унітарнае прадпрыемства | відкрите акціонерне товариство | публічне акціонерне товариство |
товариство з обмеженою відповідальністю | ojsc | oao | oaa | aat | pjsc | pao | cjsc | zao | zat | jsc | ao |
ooo | tzaa | tdaa | odo | rup | chup | cup | tov | llc | llp | lp | ltd | limited | lda | ltda | inc |
incorporated | plc | pllc | gmbh | mbh | ag | kg | kgaa | ohg | ug | sa | sas | sarl | spa | srl | sl | slu | bv |
nv | bvba | oy | oyj | ab | as | asa | aps | sia | uab | doo | dd | ood | eood | ead | ad | rt | kft | zrt | sro |
spol | fze | fzc | fzco | fzllc | dmcc | wll | bsc | pte | pty | pvt | sdn bhd | bhd | tbk | kk | eirl |
sapi de cv | sa de cv | srl de cv | and | and co | and company | company ltd | co ltd | co limited | ted | sti |
sp z o o | sp z oo | sp zoo | оао | зао | пао | ао | ооо | одо | руп | чуп | куп | уп | чтуп | тоо | аат | заа |
заат | пат | таа | тза | тов | сооо | сп ооо | иооо | соао | нао | фгуп | гуп | ип
"""

# They carry a tenth of the weight of another word, and never match by themselves.
_GENERIC = """
air airline airlines airways aviation avia aircraft aero aerospace airport flight flights jet jets company
companies corporation corp co group holding holdings enterprise enterprises firm partners concern trading trade
trader traders import export imports exports commerce commercial business general global international intl
inter national world universal joint open closed public private state government federal republic republican
bank banking finance financial capital investment investments invest insurance fund trust credit development
industry industries industrial manufacturing production plant factory works mill repair maintenance service
services servicing solutions systems system technology technologies tech technical engineering equipment
logistics transport transportation transit shipping cargo freight maritime marine lines line express travel
tours energy potash fertilizer fertilizers fertiliser coal cement timber wood paper glass rubber plastics
textile textiles tobacco sugar grain dairy foods agricultural agro farm pharma pharmaceutical medical motor
motors automobile car cars tractor truck trucks wheel oil gas petroleum power chemical chemicals steel metal
metals mining machinery construction building electronic electronics digital software telecom communications
media consulting management agency university institute academy school college center centre research scientific
science laboratory bureau office ministry committee department council administration association union
organization organisation foundation society club federation authority board commission court security defense
defence military armed forces east west north south central eastern western northern southern middle new first
limited street str avenue ave road city region district house box авиакомпания авиакампанія авиалинии авиялиниі
авіялініі авіакампанія авиационный авиационная авиа авія компания кампанія корпорация группа холдинг предприятие
прадпрыемства фирма концерн канцэрн завод общество таварыства торговый торговая торговля гандлёвы банк банка
фонд государственный государственное государственная дзяржаўны дзяржаўнае дзяржаўная республика рэспубліка
республиканский республиканское рэспубліканскае национальный национальная национальное нацыянальны нацыянальная
министерство міністэрства комитет камітэт университет університэт институт інстытут центр цэнтр управление
международный международная міжнародны
"""
_SMALL = "of the and for in on at to by de la le les du des da do dos das del der die das den und et y e i a an al"


def _spelled(phrase: str) -> tuple[str, ...]:
    return tuple(spelled(word) for word in phrase.split())


_WHOLE = {_spelled(part) for part in _FORMS.split("|")}
# `J S C` and `S. A.` are the same forms with their letters apart.
FORMS = frozenset(_WHOLE | {tuple(form[0]) for form in _WHOLE if len(form) == 1 and len(form[0]) <= 4})
LONGEST_FORM = max(len(form) for form in FORMS)
GENERIC = frozenset(_spelled(_GENERIC))
SMALL = frozenset(_SMALL.split())


def without_forms(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name without the legal forms at its ends; a name of nothing else is left whole."""
    while True:
        shorter = _stripped(words)
        if not shorter or shorter == words:
            return words
        words = shorter


def _stripped(words: tuple[str, ...]) -> tuple[str, ...]:
    for length in range(min(LONGEST_FORM, len(words) - 1), 0, -1):
        if words[-length:] in FORMS:
            return words[:-length]
        if words[:length] in FORMS:
            return words[length:]
    return words
