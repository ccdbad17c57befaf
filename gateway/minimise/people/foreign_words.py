"""What every English, German and French sentence is made of, and words of English that parents call children by."""

from typing import Final

from gateway.minimise.people.languages import Language

_ENGLISH: Final = """
a about after again all also am an and any are as at attached be because been before both but by can could date dear
did do does each either else enclosed ever every for from had has have having he hello her here hers herself hi him
himself his how however i if in into is it its itself just kind least less let madam male many me more most much my
myself name names neither never no nor not nothing now of off often on once one only or other others our ours out over
own please quite rather regards same she should since sir so some still such than thank thanks that the their theirs
them themselves then there these they this those though through thus to today together tomorrow too toward towards
under until up upon us very via was we were what whatever when where whether which while who whom whose why with
within without would yes yesterday yet you your yours
"""
_GERMAN: Final = """
aber abs alle allem allen aller alles als also am an art auch auf aus außerdem bei beide beiden beim bereits bin bis
bitte bzw da dabei dadurch dafür daher damen damit danach dann daran darauf darum darüber das dass davon dazu dein
deine dem den denn der deren des deshalb dessen die dies diese diesem diesen dieser dieses doch dort du durch
ebenfalls ein eine einem einen einer eines er es etwa euch euer eure für geehrte geehrter gegen gerne gez ggf haben
hallo hat hatte hatten herren heute hier hiermit hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in
inzwischen ist ja jede jedem jeden jeder jedes jedoch jetzt kann kein keine keinem keinen keiner konnte können leider
liebe lieber lit mama man mehr mein meine meinem meinen meiner meines mit morgen nach nachdem neben nein nicht nichts
noch nr nun nur ob obwohl oder ohne papa sehr seid sein seine seinem seinen seiner seines seit sich sie sind so sobald
sofern sog soll sollte sollten somit sondern sowie str tel um und uns unser unsere unserem unseren unserer unseres
unter usw vgl vom von vor wann war waren warum was weder wegen weil weiter weitere weiterhin welche welchem welchen
welcher welches wenn wer werden wie wieder wir wird wo wurde wurden während z.b zu zudem zuletzt zum zur zwar zwischen
über
"""
_FRENCH: Final = """
a afin ai ainsi alors après art as au aucun aucune aujourd'hui aussi autre autres aux avant avec avez avons bien
bonjour bonsoir car ce ceci cela celle celles celui ces cet cette ceux chaque cher chers chère ci-joint ci-jointe
ci-joints comme comment concernant dans de depuis dernier dernière des donc dont du dès désormais elle elles en enfin
ensuite entre est et eux fait hier ici il ils je jusqu'à la le les leur leurs lors lorsque lui ma mais malgré
malheureusement maman me merci mes moi mon même ne ni non nos notre nous n° on ont or ou oui où papa par parce pas
pendant peu plus pour pourquoi pourriez près puis puisque quand que quel quelle quelles quelqu'un quels qui quoi réf
sa sans se selon sera seront ses si sinon soit son sont sous suis suite sur ta te tes toi ton toujours tous tout toute
toutes très tu un une vers veuillez voici voilà vos votre vous y à étaient était étant été
"""
_VIRTUES: Final = """
answer april august autumn beauty best bless blessed blessing chance charity clever comfort confidence courage daisy
dawn destiny divine ebony emperor endurance evidence faith favor favour fortune friday gift gladness glory godly
goodluck goodness grace happiness happy heavenly hope innocent ivory jasmine joy june justice justine king lily love
loveth lucky marvellous may mercy miracle monday patience peace pearl perpetual power praise precious pretty prince
princess princewill progress promise providence prudence queen rejoice rose ruby saturday success summer sunday sweet
testimony treasure victor victory winter wisdom
"""

SENTENCE_WORDS: Final = {
    Language.ENGLISH: frozenset(_ENGLISH.split()),
    Language.GERMAN: frozenset(_GERMAN.split()),
    Language.FRENCH: frozenset(_FRENCH.split()),
}
"""With a capital nobody's, also when a list has them as a name: `Date`, `An`, `Elle`."""

VIRTUES: Final = frozenset(_VIRTUES.split())
"""Ordinary English, and given names, most of them in West Africa; months, days and flowers among them."""

CALENDAR: Final = frozenset(
    {
        "monday",
        "friday",
        "saturday",
        "sunday",
        "april",
        "mai",
        "montag",
        "freitag",
        "samstag",
        "sonntag",
        "may",
        "june",
        "august",
        "summer",
        "autumn",
        "winter",
    }
)
"""Those of them that are a time as well."""
