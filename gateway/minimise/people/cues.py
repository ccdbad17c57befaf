"""The words beside a name that say what it is and whose: kin, roles, officials, forms of address, particles.

All are folded; inflections are written out. They are words of the language, not of any case.
"""

from typing import Final

from gateway.minimise.people.word_rows import words_row

HONORIFICS: Final = words_row(
    "heer heren mevrouw meneer mijnheer mevr mw mej mejuffrouw dhr hr fam familie mr mrs ms mister dr drs prof"
    " ir ing bc"
    " msc bsc ds zr zuster broeder dokter doctor professor meester advocaat-mr jhr jkvr pastoor pater dominee"
    " imam sjeik"
    " sheikh cheikh haji hadji hajj mullah molla kapitein kolonel generaal luitenant sergeant majoor"
    " commandant koningin"
    " prins prinses tante oom opa oma juf juffrouw mullah malik agha khala amo ustad sayyed"
    " br pater frater kes abba ato abo hadja hajja hoca abla khanom khanum signora signor senora senor madame madam"
    " monsieur ouderling diaken sgt wmr"
    " herr herrn frau fräulein mme mlle miss mademoiselle"
)
"""Right before a name; what follows is one, also when it is an ordinary word or a town."""

MEN: Final = words_row(
    "heer meneer mijnheer dhr hr herr herrn monsieur mister broeder oom opa vader broer zoon man echtgenoot jongen"
)
WOMEN: Final = words_row(
    "mevrouw mevr mw mej mejuffrouw juffrouw mrs ms miss frau madame mme mlle"
    " zuster tante oma moeder zus dochter vrouw echtgenote meisje"
)

_KIN_STEMS: Final = (
    "vader moeder broer broertje broers zus zusje zussen zuster zusters zoon zoontje zoons zonen dochter dochtertje"
    " dochters kind kinderen kindje baby tweeling oom ooms tante tantes neef neven neefje nicht nichten"
    " nichtje opa oma grootvader grootmoeder"
    " grootouders ouders kleinzoon kleindochter kleinkind kleinkinderen echtgenoot echtgenote man vrouw"
    " partner partners"
    " ex ex-man ex-vrouw ex-partner exman exvrouw expartner vriend vrienden vriendin vriendinnen vriendje"
    " verloofde zwager schoonzus"
    " schoonzuster schoonvader schoonmoeder schoonbroer schoonzoon schoondochter schoonouders schoonfamilie"
    " halfbroer halfzus stiefvader stiefmoeder"
    " stiefzoon stiefdochter stiefbroer stiefzus pleegvader pleegmoeder pleegkind pleegzoon pleegdochter"
    " pleegouders weduwe weduwnaar"
    " gezinslid gezinsleden familielid familieleden bruid bruidegom verwekker voogd voogdes jongere peetvader"
    " minnaar geliefde relatie zusjes broertjes nichtjes neefjes pleegzusje pleegbroertje stiefzusje stiefbroertje"
    " halfzusje halfbroertje halfzuster achterneef achternicht peettante peetoom peetmoeder oudtante oudoom ex-vriend"
    " ex-vriendin exvriend exvriendin stiefdochtertje vrindin mantelzorger"
    " mother father brother sister wife husband spouse daughter cousin uncle aunt nephew niece grandmother grandfather"
)
_KIN_ABROAD: Final = (
    "brother brothers sister sisters mother father son sons daughter daughters uncle aunt cousin cousins husband wife"
    " nephew niece grandmother grandfather grandson granddaughter bruder brüder schwester mutter vater sohn tochter"
    " onkel ehemann ehefrau großmutter großvater neffe nichte schwager frère frères sœur soeur soeurs mère père oncle"
    " cousine époux épouse fille fils neveu nièce"
)
KIN: Final = words_row(f"{_KIN_STEMS} {_KIN_ABROAD}")
"""People of one's own: somebody else than the subject, and a name may follow."""

ROLES: Final = words_row(
    "advocaat advocate advocaten raadsman raadsvrouw raadslieden gemachtigde gemachtigden jurist arts huisarts"
    " psychiater psycholoog"
    " psychologe therapeut therapeute behandelaar tandarts verloskundige verpleegkundige gynaecoloog"
    " kinderarts chirurg specialist maatschappelijk"
    " werker werkster docent docente leraar lerares leerkracht onderwijzer mentor mentrix directeur directrice"
    " tolk tolken vertaler vertaalster verhuurder huisbaas hospita huurbaas werkgever werkgeefster baas chef collega"
    " collega's buurman buurvrouw buren huisgenoot huisgenoten huisgenote kamergenoot kamergenote klasgenoot"
    " klasgenote medebewoner medebewoonster"
    " medereiziger reisgenoot reisgenoten reisagent smokkelaar mensensmokkelaar chauffeur bestuurder getuige"
    " getuigen slachtoffer"
    " aangever aangeefster medeverdachte dader daders contactpersoon coach begeleider begeleidster pastor priester"
    " voorganger predikant imam dominee leider partijleider voorzitter secretaris penningmeester commandant"
    " kolonel soldaat"
    " generaal kapitein warlord talibanlid bendeleider referent referente garantsteller sponsor vrijwilliger"
    " vrijwilligster"
    " kennis kennissen bekende gastheer gastvrouw leidinggevende stagiair stagiaire medestudent studiegenoot docente"
    " onderzoeker onderzoekster deskundige fysiotherapeut apotheker maatje taalcoach bewindvoerder curator"
    " eigenaar eigenares verkoper koper jongen meisje meneer leeftijdgenoot dorpsgenoot stamgenoot landgenoot celgenoot"
    " bewoner bewoners bewoonster bewaker moellah mullah sjeik stamoudste dorpshoofd ondertekenaar"
    " zakenpartner orthopedagoog pedagoog"
    " woonbegeleidster jongerenwerker opbouwwerker notaris makelaar schuldeiser rekeninghouder begunstigde"
    " afzender ontvanger persoon personen"
    " uitgenodigde hoofdpersoon hoofdhuurder onderhuurder huurder huurster medehuurder kamerhuurder"
    " zorgverlener zorgmedewerker oppas gastouder gastouders opvangouder opvangouders trainer trainster portier"
    " bovenbuurman bovenbuurvrouw onderbuurman onderbuurvrouw buurjongen buurmeisje kapper eigenaren huismeester"
    " kantoorgenoot kantoorgenote waarnemer wijkverpleegkundige wijkverpleging dietist dietiste logopedist"
    " logopediste psych"
    " schoolleider teamleidster groepsleider groepsleidster conciërge conducteur winkelmedewerkster filiaalmanager"
    " medegedetineerde getuige-deskundige doopgetuige notulist notuliste invaller invalster stagebegeleider poh spv"
    " pleeggezin gastgezin opvanggezin adoptiegezin buurgezin mensenhandelaar handelaar ronselaar"
    " rector conrector decaan tolknummer tolknr tolkcode gyn psychol fysio verlosk"
    " adv advoc begel werkgev verhuurster huisbazin opzichter schoonmaakster bazin leidster opdrachtgever"
    " bedrijfsarts schoolarts jeugdarts verpleegster bemiddelaar schoolvriend jeugdvriend teamgenoot tentgenoot"
    " lawyer solicitor neighbour neighbor interpreter guardian landlord vormund rechtsanwalt"
    " rechtsanwältin dolmetscher dolmetscherin nachbar nachbarin freund freundin betreuer betreuerin avocat avocate"
    " interprète voisin voisine tuteur tutrice"
)
"""What third parties are to the subject; a name may follow."""

OFFICIALS: Final = words_row(
    "hoorambtenaar rapporteur hoormedewerker gehoormedewerker rapporteur-ind beslismedewerker beslisambtenaar beslisser"
    " ambtenaar ambtenaren"
    " regievoerder regievoerders vertrekregisseur vertrekbegeleider terugkeerfunctionaris terugkeerbegeleider"
    " procesvertegenwoordiger landsadvocaat senior-medewerker casemanager casemanagers locatiemanager"
    " programmabegeleider"
    " woonbegeleider contactambtenaar rechter rechters politierechter kinderrechter kantonrechter bestuursrechter"
    " vreemdelingenrechter rechter-commissaris raadsheer voorzieningenrechter griffier officier advocaat-generaal"
    " verbalisant verbalisanten politieagent politieagente agent agente agenten brigadier hoofdagent inspecteur"
    " rechercheur wijkagent opsporingsambtenaar wachtmeester hulpofficier marechaussee burgemeester wethouder"
    " gemeentesecretaris"
    " gemeenteambtenaar klantmanager consulent consulente jeugdbeschermer voogdijmedewerker staatssecretaris minister"
    " behandelend-ambtenaar beveiliger-coa afdelingshoofd teamleider-ind unitmanager inburgeringsconsulent"
    " afspraakplanner"
    " penitentiair vreemdelingenpolitie beslisteam reclasseringswerker raadsonderzoeker besluitnemer"
)
"""Functions of government; who bears one is an official."""

OFFICES: Final = words_row(
    "ind coa dt&v dtv dt politie marechaussee kmar avim rechtbank gerechtshof gemeente nidos ministerie dji"
    " openbaar om"
    " aanmeldcentrum aivd azc vreemdelingenpolitie justitie postbus burgerzaken stadhuis belastingdienst rvs"
)
"""Bodies of government: who works there is an official."""

CUT_ROLES: Final = words_row("adv psych gyn fysio verlosk gem dir secr voorz begel")
"""Roles that are cut short with a full stop."""

HEADS_OF_PEOPLE: Final = words_row(
    "aanwezig aanwezigen afwezig afwezigen deelnemers door namens vervanging vervanger gemeld afgemeld notulist"
    " gesproken"
    " uitgenodigd verhinderd paraaf"
)
"""With a colon before those who were there or who wrote."""

STAFF: Final = words_row(
    "medewerker medewerkster medewerkers ambtenaar namens contactpersoon collega manager teamleider jurist"
    " regievoerder functionaris"
    " beambte behandelaar secretaresse woonbegeleider begeleider voogd jeugdbeschermer consulent adviseur coordinator"
)

SUBJECTS: Final = words_row(
    "betrokkene betrokkenes verzoeker verzoekster vreemdeling aanvrager aanvraagster asielzoeker asielzoekster"
    " eiser eiseres"
    " cliënt cliënte cliënten cliënts cliëntes appellant appellante"
    " client cliente verdachte clienten belanghebbende kandidaat gehoorde asielaanvrager"
    " uitgeprocedeerde"
    " statushouder vergunninghouder justitiabele pupil bewoner-zelf klager klaagster patient patiente"
    " patiënt patiënte applicant"
)
"""How a file calls the person it is about."""

MAYBE_SUBJECTS: Final = words_row(
    "man vrouw kind baby jongere jongen meisje persoon personen bewoner bewoonster huurder huurster hoofdhuurder"
    " getuige slachtoffer aangever aangeefster ontvanger afzender rekeninghouder ondertekenaar begunstigde hoofdpersoon"
    " uitgenodigde deskundige contactpersoon relatie leeftijdgenoot bekende student studente namens"
)
"""Kin and roles that a file calls its subject as well: only `zijn` or `haar` before them tells that it is another."""

OWN: Final = words_row(
    "zijn haar mijn uw hun diens z'n onze ons jouw je my his her their our your mein meine meinem meinen seine seinem"
    " seinen ihre ihrem ihren mon ma"
)

NAMED: Final = words_row(
    "heet heette heten geheten genaamd genoemd noemt alias bijgenaamd naam namen voornaam voornamen achternaam"
    " familienaam"
    " geslachtsnaam roepnaam meisjesnaam doopnaam schuilnaam bijnaam surname forename forenames named called nachname"
    " vorname vornamen familienname geburtsname heißt nom prénom prénoms nommé nommée"
    " aanwezig aanwezigen afwezig deelnemers verhinderd tenaamstelling ondergetekende getekend opgemaakt"
    " voorletters voorletter initialen groet groeten groetjes hoogachtend beste geachte lieve dag hallo hoi"
    " betreft inzake mede-aanvrager"
)
"""Words after which a name comes."""

AFTER_NAMES: Final = words_row(
    "heet geboren verklaarde verklaart vertelde vertelt zei zegt belde mailde schreef schrijft woont woonde"
    " vroeg reisde"
)

PARTICLES: Final = words_row(
    "van de der den v/d v/dr v/dn het 't ten ter te el al ul ur bin ibn bint ben abu abou umm la le du da das"
    " dos di del"
    " della von zu zur"
    " vom und vd y e o d' ould wedi ogly oglu kyzy qizi zadeh as ash az ad an ar at es ed as- op in uit aan onder"
    " voor over"
)
_ROWS: Final = (
    "van|vd|v/d|v/dr|v/dn|de|der|den|'t|ten|ter|te|el|al|ul|ur|bin|ibn|bint|ben|abu|abou|la|le|du|da|das|dos|di"
    "|del|della|von|zu|zur|vom|ould"
    "|wedi|ogly|kyzy"
    "|van de|van der|van den|van 't|van het|van ter|van la|in 't|in den|in der|op den|op 't|op ten"
    "|uit den|uit 't|uit der|aan den|aan 't|onder den|onder der|voor den|over den|over 't|op de|aan de|uit de|van 't"
    "|de la|von der|ait|ath|e"
)
PARTICLE_ROWS: Final = frozenset(tuple(row.split()) for row in _ROWS.split("|"))
"""Rows of particles within a name."""

FIELD_NAMES: Final = words_row(
    "naam namen voornaam voornamen achternaam familienaam geslachtsnaam roepnaam tenaamstelling alias bijnaam doopnaam"
    " schuilnaam meisjesnaam surname forename forenames name names nachname vorname vornamen familienname nom prénom"
    " prénoms"
)

TITLES: Final = words_row(
    "minister staatssecretaris koning koningin raad staat afdeling rechtbank hof kamer wet dienst regering"
    " president premier"
    " tweede eerste derde vierde vijfde staten generaal staten-generaal kabinet bestuur college voorzitter burgemeester"
    " bestuursrechtspraak vreemdelingen vreemdelingenkamer meervoudige enkelvoudige opvang asielzoekers orgaan centraal"
    " immigratie naturalisatie terugkeer vertrek justitie veiligheid migratie asiel asielzaken algemene bijzondere"
    " nederlandse europese internationale openbaar beroep bezwaar verdrag artikel bijlage onderwerp datum"
    " plaats betreft kenmerk ons uw"
    " u heer mevrouw meneer vraag antwoord opmerking noot ad hoc pagina bladzijde zaak dossier verslag rapport"
    " gehoor nader eerste aanmeld"
    " status verblijf verblijfsvergunning vergunning besluit beschikking voornemen zienswijze uitspraak vonnis"
)
"""Ordinary words that offices write with a capital in the middle of a sentence."""

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january janvier januar janner ocak i farvardin meskerem",
            "februari feb febr february fevrier februar subat ii ordibehesht tikimt",
            "maart mrt march mar mars marz maerz mart iii khordad hidar",
            "april apr avril nisan iv tir tahsas",
            "mei may mai mayis v mordad",
            "juni jun june juin haziran vi shahrivar yekatit",
            "juli jul july juillet temmuz vii mehr megabit",
            "augustus aug august aout agustos viii aban miyazya",
            "september sep sept septembre eylul ix azar ginbot",
            "oktober okt october oct octobre ekim x dey sene",
            "november nov novembre kasim xi bahman hamle",
            "december dec decembre dezember dez aralik xii esfand nehase",
        ),
        start=1,
    )
    for name in names.split()
}

LOCATING: Final = words_row(
    "in te uit vanuit land nabij richting rond regio dorp stad stadje plaats provincie district deelgemeente"
    " gemeente wijk gebied rivier kamp vluchtelingenkamp grens gouvernement eiland vliegveld luchthaven"
    " stadsdeel plaatsje dorpje berg bergen zoba subzoba grensplaats grensovergang gevangenis kazerne"
    " hoofdstad straat buurt sub-zoba woreda kebele oblast rayon opvanglocatie azc station route weg zee meer"
    " woestijn tussen clan subclan stam volk bevolkingsgroep taal merk type model film boek lied album krant"
    " tijdschrift website app programma systeem medicijn middel medicatie at near à"
)
"""Right before a place: what follows is where, unless a list has it as a name."""

GOING: Final = words_row("naar tot via langs over")
"""Before a place or a person."""

SENT: Final = words_row(
    "geld bericht berichten brief contact gestuurd stuur stuurt stuurde gehoord hoor vernomen geregeld betaald euro"
    " dollar roebel gekregen vernam nieuws hulp pakket documenten papieren nummer adres telefoon bereikbaar lira"
)
"""What goes by way of a person: `geld via Movsar`."""

NO_NAME_BEFORE: Final = words_row(
    "bijlage lid onder sub punt categorie groep klasse vitamine hepatitis productie artikel art paragraaf"
    " onderdeel deel blok type team"
)
"""Before a letter that numbers something: `Bijlage B.` is no initial."""

SURE_FIRST: Final = words_row(
    "jan piet kees klaas bram mark rob henk joost dirk gert bas tim tom luc jet mies bart teun anita kim"
    " marina roman adam abraham eva sara helen maxim vera luis juan karin joop wim sjoerd guus frits leo ben"
    " bob hans max jos jeroen lotte marga ellen els joke ria iris karen trees nel riet ina ivo jaap aat babs bas"
    " bep dolf dirk eddy frank geert hannes hendrik henry joop joris kees koen kris lies loes mia mieke mies nick peter"
    " piet rob rik sjaak stans steven thomas tommy toon trijntje wout marc mary margriet barend gerit"
)
"""Given names that are ordinary words as well, and with a capital hardly ever those."""

FUNCTION_WORDS: Final = words_row(
    "aan al als bij daar dan dat de deze die dit door een en er geen had hebben hebt heeft hem het hier hij"
    " hoe hun ik in is ja je kan kunt maar mag met mijn moet na naar nee niet nog nu of om omdat ons onze ook"
    " op over per sinds te ten ter tijdens toch toen tot tussen u uit uw van vanaf via volgens voor waar"
    " waarom wanneer was wat we wel werd wie wij worden wordt zal zich zij zijn zo zonder zou beide alle"
    " enkele andere sommige gezien gelet tevens verder daarna vervolgens omtrent betreffende hierna mede ander"
    " bent bel doe ga geef heb kom laat neem zie zeg ze she jij jullie men"
)
"""What every sentence is made of, and no name whatever its capital."""

ABBREVIATIONS: Final = words_row(
    "dhr mr mw mevr mej dr drs ds ir ing prof hr fam nr art tel mob t.a.v t.n.v geb o.a d.d bijv bv blz ca cq"
    " evt incl jr sr st resp vgl mgr zr br gem tnv tav adv pag plm wnd plv dd betr bev gr vr afd opm mvg mevr"
    " gedr vert sectie eig hfd"
)
"""Their full stop ends no sentence."""

SURE_ENDINGS: Final = words_row(
    "straat straatje laan weg plein kade gracht singel dijk dreef plantsoen steeg markt pad str. ln. wg. pln."
    " noordzijde zuidzijde oostzijde westzijde"
    " straße strasse gasse allee street road avenue caddesi sokak sokağ\u0131 mahallesi bulvar\u0131 boulevard"
)
"""How streets end."""

BEGINNINGS: Final = words_row(
    "Laan Plein Weg Straat Kade Gracht Singel Dijk Park Pad Burgemeester Burg. Boulevard Rue Avenue Via Calle"
    " Vulytsia Vul. Prins Prinses Koningin Koning Dr. Dokter Professor Prof. Pastoor Sint St. Graaf Generaal"
    " Admiraal Jan"
)
"""How streets begin."""

LINKS: Final = words_row("van de der den het 't ten ter in op aan en la du des von te")
"""Words within the name of a street."""

COMMON_WORDS: Final = words_row(
    "nader rand adel bader jihad nada paria safari sultan roman margarita adem berk dag eren tas barre bah"
    " samba mei wang"
    " jun armen winter genet eden alla mine hande sema dan said sow sal ali-baba million may dagen aster kante"
)
"""Names of our list that are common words at the beginning of a sentence."""

WITHIN: Final = words_row("in te uit vanuit nabij rond")
"""Before a place and hardly ever before a person."""

NOTES: Final = words_row(
    "antw vr opm betr btr pt pte gesp gespr geb med anamn voorgesch vg visus advies bijz verv ovl uitsl wv nb pv"
    " vdr sr obs reg bew afspr tlf ref gem ivm inz"
)
"""Abbreviations of notes and heads, which open a line or end with a stop or a colon."""

WITHIN_NOUN: Final = words_row("van uit in bij op te aan met voor naar der onder over achter naast")
"""Before a noun that only tells which: `de leider van het kamp`."""

HOW_CALLED: Final = words_row("heet heette heetten heten genaamd noemde noemt genoemd")
WHO: Final = words_row("die dat zich welke wie iemand man vrouw")
"""Before and behind a name: `iemand die Lala heette`."""

APPOSED: Final = words_row("de het een onze mijn zijn haar uw hun diens")
"""After a comma: says who somebody is."""

DESKS: Final = words_row(
    "receptie balie administratie beveiliging afdeling keuken school kerk gemeente huisartsenpost praktijk bewaking"
    " thuiszorg wijkverpleging nachtdienst vrijwilligers taalles kledingbank voedselbank overkant buren bovenburen"
)
"""`Roos van de receptie`: where somebody works."""

SPEAKING: Final = words_row(
    "zegt zei vertelt vertelde belt belde mailt mailde appt appte vraagt vroeg schrijft schreef weet wist vindt vond"
    " denkt dacht helpt hielp woont woonde antwoordt antwoordde verklaart verklaarde belooft beloofde meldt meldde"
    " regelt regelde zoekt slaapt logeert zal werkt werkte leeft leefde kent kende huilt huilde riep roept sloeg slaat"
    " vluchtte vertrok overleed stierf rijdt reed stuurt stuurde betaalt betaalde trouwde bedreigde loopt liep"
    " kookt kookte tolkt tolkte wacht wachtte ontkent ontkende bevestigt bevestigde weigert weigerde dreigt dreigde"
)
"""What only people do; ahead of it stands who does it."""

ACTING: Final = words_row(
    "heeft had is was komt kwam gaat ging wil wilde kan kon neemt nam brengt bracht haalt haalde zit zat mag moet"
    " krijgt wordt werd blijft"
    " bleef gaf geeft doet deed houdt hield begon begint staat stond ligt lag"
)

BEARERS: Final = words_row(
    "koning prins kok smit boer graaf keizer ridder monnik bisschop vos haas valk vink haan hond wolf"
)
"""With the words that end in -er and -aar: one of them does not stand without an article, unless it is a name."""

FOREIGN_TITLES: Final = words_row(
    "karbalai mashadi mashallah chị chú haji hadji hajji hajj hadja hajja mullah molla"
    " sheikh cheikh sjeik malik sayyed sayed seyed ustad agha khala amo sister brother"
    " kes abba ato hoca abla khanom khanum mama baba imam qari fitawrari grazmach shambel"
)
"""Part of what somebody is called, and taken out with the name."""

TITLES_BEHIND: Final = words_row(
    "jr sr jnr snr junior senior khanom khanum hanim hanum bey bek efendi amca dayi abi abla agha anna akka aka opa"
)
"""What people are called with behind their given name."""
