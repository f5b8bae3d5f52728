<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>its wheels carry FFmpeg (LGPL) with x264 and x265 (GPL-2.0)</source>
        <translation>seine Wheels enthalten FFmpeg (LGPL) mit x264 und x265 (GPL-2.0)</translation>
    </message>
    <message>
        <source>its wheels carry FFmpeg (LGPL) and Qt (LGPL)</source>
        <translation>seine Wheels enthalten FFmpeg (LGPL) und Qt (LGPL)</translation>
    </message>
    <message>
        <source>its wheels carry libheif (LGPL)</source>
        <translation>seine Wheels enthalten libheif (LGPL)</translation>
    </message>
    <message>
        <source>About {0}</source>
        <translation>Über {0}</translation>
    </message>
    <message>
        <source>Copy for a bug report</source>
        <translation>Für einen Fehlerbericht kopieren</translation>
    </message>
    <message>
        <source>Shows what a detector sees, live, and records it. MIT licence. Nothing leaves this machine but what you open.</source>
        <translation>Zeigt live, was ein Detektor sieht, und nimmt es auf. MIT-Lizenz. Nichts verlässt diesen Rechner außer dem, was Sie öffnen.</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
    <message>
        <source>It stands on:</source>
        <translation>Es beruht auf:</translation>
    </message>
    <message>
        <source>{0}; {1}</source>
        <translation>{0}; {1}</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Play and keep</source>
        <translation>Abspielen und behalten</translation>
    </message>
    <message>
        <source>Elsewhere in a file</source>
        <translation>Anderswo in der Datei</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>Stop recording</source>
        <translation>Aufnahme beenden</translation>
    </message>
    <message>
        <source>Open file…</source>
        <translation>Datei öffnen…</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>Ordner öffnen…</translation>
    </message>
    <message>
        <source>Open address…</source>
        <translation>Adresse öffnen…</translation>
    </message>
    <message>
        <source>Watch the screen</source>
        <translation>Bildschirm ansehen</translation>
    </message>
    <message>
        <source>Open what was copied</source>
        <translation>Kopiertes öffnen</translation>
    </message>
    <message>
        <source>Open model…</source>
        <translation>Modell öffnen…</translation>
    </message>
    <message>
        <source>Close source</source>
        <translation>Quelle schließen</translation>
    </message>
    <message>
        <source>Loop</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>Stumm</translation>
    </message>
    <message>
        <source>Louder</source>
        <translation>Lauter</translation>
    </message>
    <message>
        <source>Quieter</source>
        <translation>Leiser</translation>
    </message>
    <message>
        <source>Save the last seconds</source>
        <translation>Die letzten Sekunden sichern</translation>
    </message>
    <message>
        <source>Snapshot</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>Snapshot without boxes</source>
        <translation>Foto ohne Rahmen</translation>
    </message>
    <message>
        <source>Keep as test…</source>
        <translation>Als Test behalten…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Copy numbers</source>
        <translation>Zahlen kopieren</translation>
    </message>
    <message>
        <source>Show recordings</source>
        <translation>Aufnahmen…</translation>
    </message>
    <message>
        <source>Side panel</source>
        <translation>Seitenleiste</translation>
    </message>
    <message>
        <source>Plots</source>
        <translation>Diagramme</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
    <message>
        <source>Compare detectors</source>
        <translation>Detektoren vergleichen</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Whole picture</source>
        <translation>Ganzes Bild</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Leave full screen</source>
        <translation>Vollbild verlassen</translation>
    </message>
    <message>
        <source>Commands…</source>
        <translation>Befehle…</translation>
    </message>
    <message>
        <source>Undo a setting</source>
        <translation>Einstellung rückgängig</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>What works here…</source>
        <translation>Was hier läuft…</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Frame by frame</source>
        <translation>Bild für Bild</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>Links</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Rechts</translation>
    </message>
    <message>
        <source>Beginning, end</source>
        <translation>Anfang, Ende</translation>
    </message>
    <message>
        <source>Home</source>
        <translation>Pos1</translation>
    </message>
    <message>
        <source>End</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>Move the zoomed picture</source>
        <translation>Vergrößertes Bild verschieben</translation>
    </message>
    <message>
        <source>Shift+arrows</source>
        <translation>Umschalt+Pfeile</translation>
    </message>
    <message>
        <source>Previous frame</source>
        <translation>Voriges Bild</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>5 seconds back</source>
        <translation>5 Sekunden zurück</translation>
    </message>
    <message>
        <source>5 seconds on</source>
        <translation>5 Sekunden weiter</translation>
    </message>
    <message>
        <source>10 seconds back</source>
        <translation>10 Sekunden zurück</translation>
    </message>
    <message>
        <source>10 seconds on</source>
        <translation>10 Sekunden weiter</translation>
    </message>
    <message>
        <source>A minute back</source>
        <translation>Eine Minute zurück</translation>
    </message>
    <message>
        <source>A minute on</source>
        <translation>Eine Minute weiter</translation>
    </message>
    <message>
        <source>Go to a time…</source>
        <translation>Zu einer Zeit gehen…</translation>
    </message>
    <message>
        <source>Next find</source>
        <translation>Nächster Fund</translation>
    </message>
    <message>
        <source>Find before</source>
        <translation>Voriger Fund</translation>
    </message>
    <message>
        <source>Previous file</source>
        <translation>Vorige Datei</translation>
    </message>
    <message>
        <source>Next file</source>
        <translation>Nächste Datei</translation>
    </message>
    <message>
        <source>Part begins here</source>
        <translation>Ausschnitt beginnt hier</translation>
    </message>
    <message>
        <source>Part ends here</source>
        <translation>Ausschnitt endet hier</translation>
    </message>
    <message>
        <source>All of it again</source>
        <translation>Wieder die ganze Datei</translation>
    </message>
    <message>
        <source>Play the part alone</source>
        <translation>Nur den Ausschnitt abspielen</translation>
    </message>
</context>
<context>
    <name>AddressDialog</name>
    <message>
        <source>Open address</source>
        <translation>Adresse öffnen</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Address of a camera or stream, or a file&apos;s path</source>
        <translation>Adresse einer Kamera oder eines Streams, oder Pfad einer Datei</translation>
    </message>
    <message>
        <source>rtsp://, http:// (MJPEG, HLS), rtmp://, srt:// or udp://. User and password go before the host: rtsp://user:password@host/stream. They are never saved.</source>
        <translation>rtsp://, http:// (MJPEG, HLS), rtmp://, srt:// oder udp://. Name und Passwort stehen vor dem Host: rtsp://user:password@host/stream. Sie werden nie gespeichert.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>BackendPart</name>
    <message>
        <source>Where the detector should run</source>
        <translation>Wo der Detektor laufen soll</translation>
    </message>
    <message>
        <source>This machine meanwhile</source>
        <translation>Solange dieser Rechner</translation>
    </message>
    <message>
        <source>While the server does not answer, detect on this machine</source>
        <translation>Solange der Server nicht antwortet, erkennt dieser Rechner</translation>
    </message>
    <message>
        <source>this machine meanwhile</source>
        <translation>solange dieser Rechner</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>Läuft auf</translation>
    </message>
    <message>
        <source>Loading the detector</source>
        <translation>Der Detektor wird geladen</translation>
    </message>
    <message>
        <source>Keep what runs now</source>
        <translation>Beim jetzigen bleiben</translation>
    </message>
    <message>
        <source>{0} does not answer; it is asked again all the time.</source>
        <translation>{0} antwortet nicht; es wird ständig neu versucht.</translation>
    </message>
    <message>
        <source>{0}, since {1}.</source>
        <translation>{0}, denn: {1}.</translation>
    </message>
    <message>
        <source>Not {0}: {1}.</source>
        <translation>Nicht {0}: {1}.</translation>
    </message>
    <message>
        <source>Loaded with the first source.</source>
        <translation>Wird mit der ersten Quelle geladen.</translation>
    </message>
    <message>
        <source>threads: {0}</source>
        <translation>Threads: {0}</translation>
    </message>
    <message>
        <source>{0} % of the network</source>
        <translation>{0}&#xa0;% des Netzes</translation>
    </message>
    <message>
        <source>Before {0} ms a frame, now {1} ms.</source>
        <translation>Vorher {0} ms je Bild, jetzt {1} ms.</translation>
    </message>
    <message>
        <source>{0} % of the boxes agree.</source>
        <translation>{0}&#xa0;% der Rahmen stimmen überein.</translation>
    </message>
    <message>
        <source>{0} {1} is new</source>
        <translation>{0} {1} ist neu</translation>
    </message>
    <message>
        <source>{0} {1} is gone</source>
        <translation>{0} {1} ist weg</translation>
    </message>
    <message>
        <source>{0} {1} is now {2}</source>
        <translation>{0} {1} hat jetzt {2}</translation>
    </message>
    <message>
        <source>Getting {0} ready, {1:.0f} s. What runs goes on meanwhile.</source>
        <translation>{0} wird vorbereitet, {1:.0f} s. Was läuft, läuft so lange weiter.</translation>
    </message>
    <message>
        <source>{0} is not available: {1}.</source>
        <translation>{0} ist nicht verfügbar: {1}.</translation>
    </message>
</context>
<context>
    <name>Badge</name>
    <message>
        <source>Where the detector runs</source>
        <translation>Wo der Detektor läuft</translation>
    </message>
    <message>
        <source>Switching…</source>
        <translation>Wechselt…</translation>
    </message>
    <message>
        <source>Idle</source>
        <translation>Ruht</translation>
    </message>
    <message>
        <source>{0} meanwhile</source>
        <translation>solange {0}</translation>
    </message>
    <message>
        <source>Remote</source>
        <translation>Entfernt</translation>
    </message>
</context>
<context>
    <name>CheckupDialog</name>
    <message>
        <source>What works here</source>
        <translation>Was hier läuft</translation>
    </message>
    <message>
        <source>Every device is tried…</source>
        <translation>Jedes Gerät wird versucht…</translation>
    </message>
    <message>
        <source>Copy for a bug report</source>
        <translation>Für einen Fehlerbericht kopieren</translation>
    </message>
    <message>
        <source>The check itself ended: {0}</source>
        <translation>Die Prüfung selbst brach ab: {0}</translation>
    </message>
    <message>
        <source>All is well.</source>
        <translation>Alles in Ordnung.</translation>
    </message>
    <message>
        <source>It works, but something is broken.</source>
        <translation>Es läuft, aber etwas ist defekt.</translation>
    </message>
    <message>
        <source>It does not work.</source>
        <translation>Es läuft nicht.</translation>
    </message>
    <message>
        <source>{0} ms a picture</source>
        <translation>{0} ms je Bild</translation>
    </message>
    <message>
        <source>taken by Auto</source>
        <translation>von Automatik gewählt</translation>
    </message>
</context>
<context>
    <name>ClassNames</name>
    <message>
        <source>airplane</source>
        <translation>Flugzeug</translation>
    </message>
    <message>
        <source>bicycle</source>
        <translation>Fahrrad</translation>
    </message>
    <message>
        <source>bird</source>
        <translation>Vogel</translation>
    </message>
    <message>
        <source>boat</source>
        <translation>Boot</translation>
    </message>
    <message>
        <source>bottle</source>
        <translation>Flasche</translation>
    </message>
    <message>
        <source>bus</source>
        <translation>Bus</translation>
    </message>
    <message>
        <source>car</source>
        <translation>Auto</translation>
    </message>
    <message>
        <source>cat</source>
        <translation>Katze</translation>
    </message>
    <message>
        <source>chair</source>
        <translation>Stuhl</translation>
    </message>
    <message>
        <source>cow</source>
        <translation>Kuh</translation>
    </message>
    <message>
        <source>dining table</source>
        <translation>Esstisch</translation>
    </message>
    <message>
        <source>dog</source>
        <translation>Hund</translation>
    </message>
    <message>
        <source>horse</source>
        <translation>Pferd</translation>
    </message>
    <message>
        <source>motorbike</source>
        <translation>Motorrad</translation>
    </message>
    <message>
        <source>person</source>
        <translation>Person</translation>
    </message>
    <message>
        <source>potted plant</source>
        <translation>Topfpflanze</translation>
    </message>
    <message>
        <source>sheep</source>
        <translation>Schaf</translation>
    </message>
    <message>
        <source>sofa</source>
        <translation>Sofa</translation>
    </message>
    <message>
        <source>train</source>
        <translation>Zug</translation>
    </message>
    <message>
        <source>TV</source>
        <translation>Fernseher</translation>
    </message>
    <message>
        <source>motorcycle</source>
        <translation>Motorrad</translation>
    </message>
    <message>
        <source>truck</source>
        <translation>Lastwagen</translation>
    </message>
    <message>
        <source>traffic light</source>
        <translation>Ampel</translation>
    </message>
    <message>
        <source>fire hydrant</source>
        <translation>Hydrant</translation>
    </message>
    <message>
        <source>stop sign</source>
        <translation>Stoppschild</translation>
    </message>
    <message>
        <source>parking meter</source>
        <translation>Parkuhr</translation>
    </message>
    <message>
        <source>bench</source>
        <translation>Bank</translation>
    </message>
    <message>
        <source>elephant</source>
        <translation>Elefant</translation>
    </message>
    <message>
        <source>bear</source>
        <translation>Bär</translation>
    </message>
    <message>
        <source>zebra</source>
        <translation>Zebra</translation>
    </message>
    <message>
        <source>giraffe</source>
        <translation>Giraffe</translation>
    </message>
    <message>
        <source>backpack</source>
        <translation>Rucksack</translation>
    </message>
    <message>
        <source>umbrella</source>
        <translation>Regenschirm</translation>
    </message>
    <message>
        <source>handbag</source>
        <translation>Handtasche</translation>
    </message>
    <message>
        <source>tie</source>
        <translation>Krawatte</translation>
    </message>
    <message>
        <source>suitcase</source>
        <translation>Koffer</translation>
    </message>
    <message>
        <source>frisbee</source>
        <translation>Frisbee</translation>
    </message>
    <message>
        <source>skis</source>
        <translation>Ski</translation>
    </message>
    <message>
        <source>snowboard</source>
        <translation>Snowboard</translation>
    </message>
    <message>
        <source>sports ball</source>
        <translation>Ball</translation>
    </message>
    <message>
        <source>kite</source>
        <translation>Drachen</translation>
    </message>
    <message>
        <source>baseball bat</source>
        <translation>Baseballschläger</translation>
    </message>
    <message>
        <source>baseball glove</source>
        <translation>Baseballhandschuh</translation>
    </message>
    <message>
        <source>skateboard</source>
        <translation>Skateboard</translation>
    </message>
    <message>
        <source>surfboard</source>
        <translation>Surfbrett</translation>
    </message>
    <message>
        <source>tennis racket</source>
        <translation>Tennisschläger</translation>
    </message>
    <message>
        <source>wine glass</source>
        <translation>Weinglas</translation>
    </message>
    <message>
        <source>cup</source>
        <translation>Tasse</translation>
    </message>
    <message>
        <source>fork</source>
        <translation>Gabel</translation>
    </message>
    <message>
        <source>knife</source>
        <translation>Messer</translation>
    </message>
    <message>
        <source>spoon</source>
        <translation>Löffel</translation>
    </message>
    <message>
        <source>bowl</source>
        <translation>Schüssel</translation>
    </message>
    <message>
        <source>banana</source>
        <translation>Banane</translation>
    </message>
    <message>
        <source>apple</source>
        <translation>Apfel</translation>
    </message>
    <message>
        <source>sandwich</source>
        <translation>Sandwich</translation>
    </message>
    <message>
        <source>orange</source>
        <translation>Orange</translation>
    </message>
    <message>
        <source>broccoli</source>
        <translation>Brokkoli</translation>
    </message>
    <message>
        <source>carrot</source>
        <translation>Möhre</translation>
    </message>
    <message>
        <source>hot dog</source>
        <translation>Hotdog</translation>
    </message>
    <message>
        <source>pizza</source>
        <translation>Pizza</translation>
    </message>
    <message>
        <source>donut</source>
        <translation>Donut</translation>
    </message>
    <message>
        <source>cake</source>
        <translation>Kuchen</translation>
    </message>
    <message>
        <source>couch</source>
        <translation>Couch</translation>
    </message>
    <message>
        <source>bed</source>
        <translation>Bett</translation>
    </message>
    <message>
        <source>toilet</source>
        <translation>Toilette</translation>
    </message>
    <message>
        <source>laptop</source>
        <translation>Laptop</translation>
    </message>
    <message>
        <source>mouse</source>
        <translation>Maus</translation>
    </message>
    <message>
        <source>remote</source>
        <translation>Fernbedienung</translation>
    </message>
    <message>
        <source>keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>cell phone</source>
        <translation>Handy</translation>
    </message>
    <message>
        <source>microwave</source>
        <translation>Mikrowelle</translation>
    </message>
    <message>
        <source>oven</source>
        <translation>Backofen</translation>
    </message>
    <message>
        <source>toaster</source>
        <translation>Toaster</translation>
    </message>
    <message>
        <source>sink</source>
        <translation>Spülbecken</translation>
    </message>
    <message>
        <source>refrigerator</source>
        <translation>Kühlschrank</translation>
    </message>
    <message>
        <source>book</source>
        <translation>Buch</translation>
    </message>
    <message>
        <source>clock</source>
        <translation>Uhr</translation>
    </message>
    <message>
        <source>vase</source>
        <translation>Vase</translation>
    </message>
    <message>
        <source>scissors</source>
        <translation>Schere</translation>
    </message>
    <message>
        <source>teddy bear</source>
        <translation>Teddybär</translation>
    </message>
    <message>
        <source>hair drier</source>
        <translation>Föhn</translation>
    </message>
    <message>
        <source>toothbrush</source>
        <translation>Zahnbürste</translation>
    </message>
    <message>
        <source>face</source>
        <translation>Gesicht</translation>
    </message>
</context>
<context>
    <name>ClassesSection</name>
    <message>
        <source>Classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>Find a class</source>
        <translation>Klasse suchen</translation>
    </message>
    <message>
        <source>Double-click to show one class alone</source>
        <translation>Doppelklick zeigt nur diese Klasse</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Only this</source>
        <translation>Nur diese</translation>
    </message>
    <message>
        <source>Show the chosen class alone</source>
        <translation>Nur die gewählte Klasse zeigen</translation>
    </message>
    <message>
        <source>No class is shown</source>
        <translation>Keine Klasse gezeigt</translation>
    </message>
    <message>
        <source>Only: {0}</source>
        <translation>Nur: {0}</translation>
    </message>
    <message>
        <source>Not shown: {0}</source>
        <translation>Nicht gezeigt: {0}</translation>
    </message>
    <message>
        <source>{0} of {1} classes</source>
        <translation>{0} von {1} Klassen</translation>
    </message>
    <message>
        <source>No class is called “{0}”.</source>
        <translation>Keine Klasse heißt „{0}“.</translation>
    </message>
    <message>
        <source>classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>A model&apos;s classes are listed once it runs.</source>
        <translation>Die Klassen eines Modells stehen hier, sobald es läuft.</translation>
    </message>
    <message>
        <source>Hidden, yet counted: {0} of {1}.</source>
        <translation>Ausgeblendet: {0} von {1}. Gezählt werden alle.</translation>
    </message>
    <message>
        <source>All {0} are shown.</source>
        <translation>Alle {0} werden gezeigt.</translation>
    </message>
    <message>
        <source>Only {0}</source>
        <translation>Nur {0}</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>Alle zeigen</translation>
    </message>
</context>
<context>
    <name>CloseQuestion</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>A recording is running, {0} so far.</source>
        <translation>Eine Aufnahme läuft, bisher {0}.</translation>
    </message>
    <message>
        <source>Finish it and close the window?</source>
        <translation>Abschließen und das Fenster schließen?</translation>
    </message>
    <message>
        <source>Finish and close</source>
        <translation>Abschließen und beenden</translation>
    </message>
    <message>
        <source>Go on recording</source>
        <translation>Weiter aufnehmen</translation>
    </message>
    <message>
        <source>Stop and close</source>
        <translation>Anhalten und schließen</translation>
    </message>
    <message>
        <source>Go on exporting</source>
        <translation>Weiter exportieren</translation>
    </message>
</context>
<context>
    <name>Command</name>
    <message>
        <source>Copy the command</source>
        <translation>Befehl kopieren</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation>Was möchten Sie tun?</translation>
    </message>
    <message>
        <source>Find a command</source>
        <translation>Befehl suchen</translation>
    </message>
    <message>
        <source>Commands found</source>
        <translation>Gefundene Befehle</translation>
    </message>
</context>
<context>
    <name>CompareBar</name>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>The other model</source>
        <translation>Das andere Modell</translation>
    </message>
    <message>
        <source>Where the other one runs</source>
        <translation>Wo das andere läuft</translation>
    </message>
    <message>
        <source>How both are shown</source>
        <translation>Wie beide gezeigt werden</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>Nebeneinander</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>Geteilt</translation>
    </message>
    <message>
        <source>Where the picture is parted</source>
        <translation>Wo das Bild geteilt ist</translation>
    </message>
    <message>
        <source>Or drag the line in the picture</source>
        <translation>Oder die Linie im Bild ziehen</translation>
    </message>
    <message>
        <source>Compare no more</source>
        <translation>Nicht mehr vergleichen</translation>
    </message>
    <message>
        <source>Beside it (B):</source>
        <translation>Daneben (B):</translation>
    </message>
    <message>
        <source>Another model…</source>
        <translation>Ein anderes Modell…</translation>
    </message>
    <message>
        <source>Compare with a model</source>
        <translation>Mit einem Modell vergleichen</translation>
    </message>
    <message>
        <source>Models ({0})</source>
        <translation>Modelle ({0})</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Two detectors on one picture</source>
        <translation>Zwei Detektoren auf einem Bild</translation>
    </message>
</context>
<context>
    <name>Comparing</name>
    <message>
        <source>Loading {0}…</source>
        <translation>{0} wird geladen…</translation>
    </message>
    <message>
        <source>Nothing to compare yet</source>
        <translation>Noch nichts zu vergleichen</translation>
    </message>
    <message>
        <source>Waiting for a picture.</source>
        <translation>Wartet auf ein Bild.</translation>
    </message>
    <message>
        <source>Nothing is compared</source>
        <translation>Nichts wird verglichen</translation>
    </message>
    <message>
        <source>agree {0}   only A {1}, only B {2}   A {3:.0f} ms, B {4:.0f} ms</source>
        <translation>einig {0}   nur A {1}, nur B {2}   A {3:.0f} ms, B {4:.0f} ms</translation>
    </message>
    <message>
        <source>In the last {0} frames. Both run at once here, which slows both; main.py compare measures each alone.</source>
        <translation>In den letzten {0} Bildern. Beide laufen hier zugleich, was beide bremst; main.py compare misst jedes für sich.</translation>
    </message>
</context>
<context>
    <name>CopyButton</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>CountingDesk</name>
    <message>
        <source>All {0} of it, from {1}</source>
        <translation>Alle {0} davon, aus {1}</translation>
    </message>
    <message>
        <source>What was played of it, each moment once</source>
        <translation>Was davon gespielt wurde, jeder Moment einmal</translation>
    </message>
    <message>
        <source>From {0} to {1}</source>
        <translation>Von {0} bis {1}</translation>
    </message>
    <message>
        <source>Open a video or a camera first, then draw on it.</source>
        <translation>Öffnen Sie zuerst ein Video oder eine Kamera, dann zeichnen Sie darauf.</translation>
    </message>
    <message>
        <source>No: {0}.</source>
        <translation>Nein: {0}.</translation>
    </message>
    <message>
        <source>Open rules</source>
        <translation>Regeln öffnen</translation>
    </message>
    <message>
        <source>rules</source>
        <translation>Regeln</translation>
    </message>
    <message>
        <source>Save rules</source>
        <translation>Regeln speichern</translation>
    </message>
    <message>
        <source>Export events</source>
        <translation>Ereignisse exportieren</translation>
    </message>
</context>
<context>
    <name>CountingSection</name>
    <message>
        <source>Counting</source>
        <translation>Zählen</translation>
    </message>
    <message>
        <source>Drag from one end to the other, or click both; Shift keeps it straight, Esc cancels.</source>
        <translation>Von einem Ende zum anderen ziehen oder beide anklicken; Umschalt hält sie gerade, Esc bricht ab.</translation>
    </message>
    <message>
        <source>Click the corners; a click on the first one, Enter or a double click closes it. Backspace takes one back, Esc cancels.</source>
        <translation>Die Ecken anklicken; ein Klick auf die erste, Enter oder ein Doppelklick schließt ab. Rücktaste nimmt eine zurück, Esc bricht ab.</translation>
    </message>
    <message>
        <source>all classes</source>
        <translation>alle Klassen</translation>
    </message>
    <message>
        <source>{0} in, {1} out</source>
        <translation>{0} hinein, {1} hinaus</translation>
    </message>
    <message>
        <source>{0} inside, {1} entered</source>
        <translation>{0} darin, {1} eingetreten</translation>
    </message>
    <message>
        <source>look only here</source>
        <translation>nur hier suchen</translation>
    </message>
    <message>
        <source>ignored</source>
        <translation>nicht beachtet</translation>
    </message>
    <message>
        <source>Line</source>
        <translation>Linie</translation>
    </message>
    <message>
        <source>Draw a line</source>
        <translation>Eine Linie zeichnen</translation>
    </message>
    <message>
        <source>Zone</source>
        <translation>Bereich</translation>
    </message>
    <message>
        <source>Draw a zone</source>
        <translation>Einen Bereich zeichnen</translation>
    </message>
    <message>
        <source>A line counts who crosses it, a zone who is inside.</source>
        <translation>Eine Linie zählt, wer sie überquert, ein Bereich, wer darin ist.</translation>
    </message>
    <message>
        <source>{0}:  {1}</source>
        <translation>{0}:  {1}</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>Regeln</translation>
    </message>
    <message>
        <source>Open or save lines and zones, export events</source>
        <translation>Linien und Bereiche öffnen oder speichern, Ereignisse exportieren</translation>
    </message>
    <message>
        <source>Open rules…</source>
        <translation>Regeln öffnen…</translation>
    </message>
    <message>
        <source>Save rules…</source>
        <translation>Regeln speichern…</translation>
    </message>
    <message>
        <source>Export events…</source>
        <translation>Ereignisse exportieren…</translation>
    </message>
    <message>
        <source>Lines and zones</source>
        <translation>Linien und Bereiche</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Counts</source>
        <translation>Zählt</translation>
    </message>
    <message>
        <source>bottom of the box</source>
        <translation>Unterkante</translation>
    </message>
    <message>
        <source>centre of the box</source>
        <translation>Mitte</translation>
    </message>
    <message>
        <source>The point of a box that has to cross, or be inside</source>
        <translation>Der Punkt eines Rahmens, der überqueren oder darin sein muss</translation>
    </message>
    <message>
        <source>Point</source>
        <translation>Punkt</translation>
    </message>
    <message>
        <source>count</source>
        <translation>zählen</translation>
    </message>
    <message>
        <source>ignore</source>
        <translation>nicht beachten</translation>
    </message>
    <message>
        <source>Count who is inside, or say where to look at all</source>
        <translation>Zählen, wer darin ist, oder festlegen, wo überhaupt gesucht wird</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>Zweck</translation>
    </message>
    <message>
        <source>Turn arrow</source>
        <translation>Pfeil drehen</translation>
    </message>
    <message>
        <source>Let &apos;in&apos; be the other way</source>
        <translation>„Hinein“ ist die andere Richtung</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Steady</source>
        <translation>Ruhig</translation>
    </message>
    <message>
        <source>Show what is seen in more than one frame, by what it is in most of them</source>
        <translation>Zeigt, was in mehr als einem Bild zu sehen ist, als das, was es in den meisten ist</translation>
    </message>
    <message>
        <source>steady picture</source>
        <translation>ruhiges Bild</translation>
    </message>
    <message>
        <source>Track ids</source>
        <translation>Nummern</translation>
    </message>
    <message>
        <source>The number of its track behind the class name</source>
        <translation>Die Nummer der Spur hinter dem Klassennamen</translation>
    </message>
    <message>
        <source>track ids</source>
        <translation>Nummern der Spuren</translation>
    </message>
    <message>
        <source>Trails</source>
        <translation>Spuren</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>trails</source>
        <translation>Spuren</translation>
    </message>
    <message>
        <source>How much of its way is drawn behind each</source>
        <translation>Wie viel seines Wegs hinter jedem gezeichnet wird</translation>
    </message>
</context>
<context>
    <name>DetectionSection</name>
    <message>
        <source>Detection</source>
        <translation>Erkennung</translation>
    </message>
    <message>
        <source>Minimum confidence</source>
        <translation>Konfidenz ab</translation>
    </message>
    <message>
        <source>Boxes that the detector is less sure of are not shown</source>
        <translation>Rahmen, bei denen der Detektor weniger sicher ist, werden nicht gezeigt</translation>
    </message>
    <message>
        <source>Merge overlapping boxes</source>
        <translation>Überlappung bis</translation>
    </message>
    <message>
        <source>merging of boxes</source>
        <translation>Vereinen von Rahmen</translation>
    </message>
    <message>
        <source>Of two boxes of one class that share more of their area (IoU), only the better one stays</source>
        <translation>Von zwei Rahmen einer Klasse, die sich mehr überlappen (IoU), bleibt nur der bessere</translation>
    </message>
    <message>
        <source>The best so many of a frame are shown</source>
        <translation>So viele der besten eines Bildes werden gezeigt</translation>
    </message>
    <message>
        <source>most boxes</source>
        <translation>Höchstzahl der Rahmen</translation>
    </message>
    <message>
        <source> boxes</source>
        <translation> Rahmen</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>Höchstens</translation>
    </message>
    <message>
        <source>Closer looks find what is small, and take 5 to 13 times as long; Auto takes as many as a frame has time for, where something moves</source>
        <translation>Genauere Blicke finden Kleines und brauchen 5- bis 13-mal so lange; Automatik nimmt so viele, wie Zeit ist, dort, wo sich etwas bewegt</translation>
    </message>
    <message>
        <source>Whole picture</source>
        <translation>Ganzes Bild</translation>
    </message>
    <message>
        <source>Closer</source>
        <translation>Genauer</translation>
    </message>
    <message>
        <source>Closest</source>
        <translation>Am genauesten</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>Automatik</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Blick</translation>
    </message>
    <message>
        <source>minimum confidence</source>
        <translation>Konfidenz</translation>
    </message>
    <message>
        <source>Of the boxes so many are right, and of all objects so many are found: measured on {0} labelled photos; yours may be easier or harder</source>
        <translation>So viele der Rahmen sind richtig, und so viele aller Objekte werden gefunden: gemessen an {0} beschrifteten Fotos; Ihre können leichter oder schwerer sein</translation>
    </message>
    <message>
        <source>About {0} % right, {1} % of all found</source>
        <translation>Etwa {0}&#xa0;% richtig, {1}&#xa0;% aller gefunden</translation>
    </message>
    <message>
        <source>Auto, {0:.0f} ms</source>
        <translation>Automatik, {0:.0f} ms</translation>
    </message>
    <message>
        <source>looks</source>
        <translation>Blick</translation>
    </message>
</context>
<context>
    <name>Dials</name>
    <message>
        <source>Numbers copied</source>
        <translation>Zahlen kopiert</translation>
    </message>
</context>
<context>
    <name>EventDock</name>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
    <message>
        <source>Events and replays</source>
        <translation>Ereignisse und Rückblicke</translation>
    </message>
    <message>
        <source>Nothing yet. What B saves is listed here, and what happens where the rules say so (--rules, --clips).</source>
        <translation>Noch nichts. Hier steht, was B sichert und was geschieht, wo es die Regeln sagen (--rules, --clips).</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Star</source>
        <translation>Stern</translation>
    </message>
    <message>
        <source>Starred clips are never removed by themselves</source>
        <translation>Clips mit Stern werden nie von selbst entfernt</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Annotated copy</source>
        <translation>Kopie mit Rahmen</translation>
    </message>
    <message>
        <source>A copy with boxes; the clip stays as it is</source>
        <translation>Eine Kopie mit Rahmen; der Clip bleibt, wie er ist</translation>
    </message>
    <message>
        <source>Who is told</source>
        <translation>Wer es erfährt</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Ton</translation>
    </message>
    <message>
        <source>Notification</source>
        <translation>Benachrichtigung</translation>
    </message>
    <message>
        <source>Webhook</source>
        <translation>Webhook</translation>
    </message>
    <message>
        <source>MQTT</source>
        <translation>MQTT</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
    <message>
        <source>Nobody. The rules can say who: docs/watching.md.</source>
        <translation>Niemand. Die Regeln können sagen, wer: docs/watching.md.</translation>
    </message>
    <message>
        <source>Take the star</source>
        <translation>Stern entfernen</translation>
    </message>
    <message>
        <source>Replay</source>
        <translation>Rückblick</translation>
    </message>
</context>
<context>
    <name>EventList</name>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Richtig</translation>
    </message>
    <message>
        <source>It happened; go to the next</source>
        <translation>Es ist geschehen; weiter zum nächsten</translation>
    </message>
    <message>
        <source>Wrong</source>
        <translation>Falsch</translation>
    </message>
    <message>
        <source>It did not happen; go to the next</source>
        <translation>Es ist nicht geschehen; weiter zum nächsten</translation>
    </message>
    <message>
        <source>Nothing was counted yet.</source>
        <translation>Noch wurde nichts gezählt.</translation>
    </message>
    <message>
        <source>{0} events; click one to look at it.</source>
        <translation>{0} Ereignisse; ein Klick zeigt eines.</translation>
    </message>
    <message>
        <source>{0} events, of {1} looked at {2} right.</source>
        <translation>{0} Ereignisse, von {1} angesehenen {2} richtig.</translation>
    </message>
</context>
<context>
    <name>EventModel</name>
    <message>
        <source>entered</source>
        <translation>eingetreten</translation>
    </message>
    <message>
        <source>left</source>
        <translation>verlassen</translation>
    </message>
    <message>
        <source>appeared inside</source>
        <translation>darin erschienen</translation>
    </message>
    <message>
        <source>last seen inside</source>
        <translation>zuletzt darin gesehen</translation>
    </message>
    <message>
        <source>in</source>
        <translation>hinein</translation>
    </message>
    <message>
        <source>out</source>
        <translation>hinaus</translation>
    </message>
    <message>
        <source>right</source>
        <translation>richtig</translation>
    </message>
    <message>
        <source>WRONG</source>
        <translation>FALSCH</translation>
    </message>
    <message>
        <source>{0}, track {1}</source>
        <translation>{0}, Spur {1}</translation>
    </message>
</context>
<context>
    <name>Events</name>
    <message>
        <source>Save the last seconds (B)</source>
        <translation>Die letzten Sekunden sichern (B)</translation>
    </message>
    <message>
        <source>{0:.0f} s ready</source>
        <translation>{0:.0f} s bereit</translation>
    </message>
    <message>
        <source>what is kept</source>
        <translation>was behalten wird</translation>
    </message>
    <message>
        <source>The star cannot be kept: {0}.</source>
        <translation>Der Stern lässt sich nicht speichern: {0}.</translation>
    </message>
    <message>
        <source>Look at the permissions of the folder.</source>
        <translation>Sehen Sie nach den Rechten des Ordners.</translation>
    </message>
    <message>
        <source>Drawing {0}…</source>
        <translation>{0} wird gezeichnet…</translation>
    </message>
    <message>
        <source>Trying…</source>
        <translation>Wird versucht…</translation>
    </message>
    <message>
        <source>{0}: it arrived.</source>
        <translation>{0}: angekommen.</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Add files…</source>
        <translation>Dateien hinzufügen…</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>Ordner hinzufügen…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Folder for what is written</source>
        <translation>Ordner für das Geschriebene</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Auswählen…</translation>
    </message>
    <message>
        <source>Video with its boxes (.mp4)</source>
        <translation>Video mit seinen Rahmen (.mp4)</translation>
    </message>
    <message>
        <source>Table of boxes (CSV)</source>
        <translation>Tabelle der Rahmen (CSV)</translation>
    </message>
    <message>
        <source>Boxes for training (COCO)</source>
        <translation>Rahmen zum Trainieren (COCO)</translation>
    </message>
    <message>
        <source>Counts at the lines and zones</source>
        <translation>Zählungen an Linien und Bereichen</translation>
    </message>
    <message>
        <source>Whole picture</source>
        <translation>Ganzes Bild</translation>
    </message>
    <message>
        <source>Closer</source>
        <translation>Genauer</translation>
    </message>
    <message>
        <source>Closest</source>
        <translation>Am genauesten</translation>
    </message>
    <message>
        <source>How much is done</source>
        <translation>Wie viel fertig ist</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Stand</translation>
    </message>
    <message>
        <source>Files to export</source>
        <translation>Zu exportierende Dateien</translation>
    </message>
    <message>
        <source>Go on with it</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Cancel export</source>
        <translation>Export abbrechen</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Into</source>
        <translation>Nach</translation>
    </message>
    <message>
        <source>Write</source>
        <translation>Schreiben</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Blick</translation>
    </message>
    <message>
        <source>Draw a line or a zone on the picture first</source>
        <translation>Zeichnen Sie zuerst eine Linie oder einen Bereich ins Bild</translation>
    </message>
    <message>
        <source>The export goes on; the status bar shows it</source>
        <translation>Der Export läuft weiter; die Statuszeile zeigt ihn</translation>
    </message>
    <message>
        <source>Videos to export</source>
        <translation>Zu exportierende Videos</translation>
    </message>
    <message>
        <source>Videos ({0});;All files (*)</source>
        <translation>Videos ({0});;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>A folder of videos</source>
        <translation>Ein Ordner mit Videos</translation>
    </message>
</context>
<context>
    <name>Exporting</name>
    <message>
        <source>Show the export</source>
        <translation>Den Export zeigen</translation>
    </message>
    <message>
        <source>Exported videos: {0} of {1}.</source>
        <translation>Exportierte Videos: {0} von {1}.</translation>
    </message>
    <message>
        <source>Stop here and close? The next start can go on with it.</source>
        <translation>Hier anhalten und schließen? Der nächste Start kann damit fortfahren.</translation>
    </message>
    <message>
        <source>An export is running: {0} of {1} videos are done.</source>
        <translation>Ein Export läuft: {0} von {1} Videos sind fertig.</translation>
    </message>
    <message>
        <source>Of {0}, only {1} to {2}</source>
        <translation>Von {0} nur {1} bis {2}</translation>
    </message>
    <message>
        <source>All that is found is written in any case (.jsonl), as the window finds it: {0}, {1}, confidence from {2} %.</source>
        <translation>Alles Gefundene wird immer geschrieben (.jsonl), so wie das Fenster es findet: {0}, {1}, Konfidenz ab {2}&#xa0;%.</translation>
    </message>
    <message>
        <source>{0} is hidden, and an export would show it.</source>
        <translation>{0} ist verdeckt, und ein Export würde es zeigen.</translation>
    </message>
    <message>
        <source>Looking what there is to do…</source>
        <translation>Sieht nach, was zu tun ist…</translation>
    </message>
    <message>
        <source>An export of {0} files, into {1}, was begun and not finished.</source>
        <translation>Ein Export von {0} Dateien nach {1} wurde begonnen und nicht beendet.</translation>
    </message>
    <message>
        <source>Nothing was exported.</source>
        <translation>Nichts wurde exportiert.</translation>
    </message>
    <message>
        <source>Waits</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>What is to be done cannot be kept: {0}</source>
        <translation>Was zu tun ist, lässt sich nicht merken: {0}</translation>
    </message>
    <message>
        <source>{0} frames</source>
        <translation>{0} Bilder</translation>
    </message>
    <message>
        <source>{0} %</source>
        <translation>{0} %</translation>
    </message>
    <message>
        <source>Done: {0}</source>
        <translation>Fertig: {0}</translation>
    </message>
    <message>
        <source>Was done already</source>
        <translation>War schon fertig</translation>
    </message>
    <message>
        <source>Stopped; can be gone on with</source>
        <translation>Angehalten; lässt sich fortsetzen</translation>
    </message>
    <message>
        <source>Failed: {0}</source>
        <translation>Fehlgeschlagen: {0}</translation>
    </message>
    <message>
        <source>The export ended by itself: {0}</source>
        <translation>Der Export endete von selbst: {0}</translation>
    </message>
    <message>
        <source>{0} failed; the list says why.</source>
        <translation>{0} fehlgeschlagen; die Liste sagt, warum.</translation>
    </message>
    <message>
        <source>{0} of {1} videos</source>
        <translation>{0} von {1} Videos</translation>
    </message>
    <message>
        <source>{0:.0f} frames/s</source>
        <translation>{0:.0f} Bilder/s</translation>
    </message>
    <message>
        <source>{0} left</source>
        <translation>noch {0}</translation>
    </message>
    <message>
        <source>Exporting {0} %</source>
        <translation>Exportiert {0} %</translation>
    </message>
</context>
<context>
    <name>Finds</name>
    <message>
        <source>No {0} is known after this place.</source>
        <translation>Nach dieser Stelle ist kein Fund bekannt: {0}.</translation>
    </message>
    <message>
        <source>No {0} is known before this place.</source>
        <translation>Vor dieser Stelle ist kein Fund bekannt: {0}.</translation>
    </message>
    <message>
        <source>Nothing is known after this place.</source>
        <translation>Nach dieser Stelle ist nichts bekannt.</translation>
    </message>
    <message>
        <source>Nothing is known before this place.</source>
        <translation>Vor dieser Stelle ist nichts bekannt.</translation>
    </message>
    <message>
        <source>What was not played is not known.</source>
        <translation>Was nicht abgespielt wurde, ist nicht bekannt.</translation>
    </message>
</context>
<context>
    <name>Further</name>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
</context>
<context>
    <name>Hearing</name>
    <message>
        <source>Sound off</source>
        <translation>Ton aus</translation>
    </message>
    <message>
        <source>Sound on</source>
        <translation>Ton an</translation>
    </message>
    <message>
        <source>Volume {0} %</source>
        <translation>Lautstärke {0} %</translation>
    </message>
</context>
<context>
    <name>HidingSection</name>
    <message>
        <source>Hiding</source>
        <translation>Verdecken</translation>
    </message>
    <message>
        <source>Classes to hide</source>
        <translation>Zu verdeckende Klassen</translation>
    </message>
    <message>
        <source>All of a checked class are covered: window, recordings, pictures</source>
        <translation>Alles aus einer markierten Klasse wird verdeckt: Fenster, Aufnahmen, Fotos</translation>
    </message>
    <message>
        <source>One colour</source>
        <translation>Eine Farbe</translation>
    </message>
    <message>
        <source>Large blocks</source>
        <translation>Grobe Blöcke</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>Umriss</translation>
    </message>
    <message>
        <source>how to hide</source>
        <translation>Art des Verdeckens</translation>
    </message>
    <message>
        <source>Cover what was not looked at</source>
        <translation>Ungeprüftes verdecken</translation>
    </message>
    <message>
        <source>Where a camera gives nothing new, or the model does not know the class, the whole picture is covered</source>
        <translation>Wo eine Kamera nichts Neues liefert oder das Modell die Klasse nicht kennt, wird das ganze Bild verdeckt</translation>
    </message>
    <message>
        <source>covering</source>
        <translation>Verdecken</translation>
    </message>
    <message>
        <source>Whom the detector does not see stays visible: docs/privacy.md.</source>
        <translation>Wen der Detektor nicht sieht, der bleibt sichtbar: docs/privacy.md.</translation>
    </message>
    <message>
        <source>With</source>
        <translation>Mit</translation>
    </message>
    <message>
        <source>hiding</source>
        <translation>Verdecken</translation>
    </message>
    <message>
        <source>Nobody is hidden.</source>
        <translation>Niemand wird verdeckt.</translation>
    </message>
    <message>
        <source>Hidden: {0}. This model does not know {1}.</source>
        <translation>Verdeckt: {0}. Dieses Modell kennt nicht: {1}.</translation>
    </message>
    <message>
        <source>Hidden everywhere: {0}.</source>
        <translation>Überall verdeckt: {0}.</translation>
    </message>
</context>
<context>
    <name>KeepDialog</name>
    <message>
        <source>Keep as test</source>
        <translation>Als Test behalten</translation>
    </message>
    <message>
        <source>Keeps a clip and what is found in it now. Later, “main.py verify” tells what has changed.</source>
        <translation>Behält einen Clip und was jetzt darin gefunden wird. Später sagt „main.py verify“, was sich geändert hat.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Before this picture</source>
        <translation>Vor diesem Bild</translation>
    </message>
    <message>
        <source>After it</source>
        <translation>Danach</translation>
    </message>
    <message>
        <source>From now on</source>
        <translation>Ab jetzt</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source> s</source>
        <translation> s</translation>
    </message>
</context>
<context>
    <name>Keeper</name>
    <message>
        <source>The disk does not answer, so nothing is recorded.</source>
        <translation>Der Datenträger antwortet nicht, daher wird nichts aufgenommen.</translation>
    </message>
    <message>
        <source>Try again in a moment.</source>
        <translation>Versuchen Sie es gleich noch einmal.</translation>
    </message>
    <message>
        <source>This picture, from before {0} was hidden, was not saved.</source>
        <translation>Dieses Bild von vor dem Verdecken ({0}) wurde nicht gespeichert.</translation>
    </message>
    <message>
        <source>Take the next one.</source>
        <translation>Nehmen Sie das nächste.</translation>
    </message>
    <message>
        <source>Others are still being saved, so this one was not taken.</source>
        <translation>Andere werden noch gespeichert, daher wurde dieses nicht aufgenommen.</translation>
    </message>
    <message>
        <source>The folder for recordings cannot be made: {0}.</source>
        <translation>Der Ordner für Aufnahmen lässt sich nicht anlegen: {0}.</translation>
    </message>
    <message>
        <source>Look at its permissions, and at the room on the disk.</source>
        <translation>Sehen Sie nach seinen Rechten und dem Platz auf dem Datenträger.</translation>
    </message>
</context>
<context>
    <name>LanguageMenu</name>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
</context>
<context>
    <name>Lists</name>
    <message>
        <source>, </source>
        <translation>, </translation>
    </message>
</context>
<context>
    <name>Marks</name>
    <message>
        <source>{0}: {1} in, {2} out</source>
        <translation>{0}: {1} hinein, {2} hinaus</translation>
    </message>
    <message>
        <source>{0}: {1} inside, {2} entered</source>
        <translation>{0}: {1} darin, {2} eingetreten</translation>
    </message>
    <message>
        <source>No picture since {0}</source>
        <translation>Kein Bild seit {0}</translation>
    </message>
</context>
<context>
    <name>Messages</name>
    <message>
        <source>Use the CPU</source>
        <translation>CPU verwenden</translation>
    </message>
    <message>
        <source>Something went wrong that should not have: {0}</source>
        <translation>Etwas ging schief, das nicht schiefgehen sollte: {0}</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Einzelheiten kopieren</translation>
    </message>
    <message>
        <source>{0} It goes on by itself when it is back.</source>
        <translation>{0} Es geht von selbst weiter, sobald sie wieder da ist.</translation>
    </message>
    <message>
        <source>Back again after {0:.0f} s.</source>
        <translation>Nach {0:.0f} s wieder da.</translation>
    </message>
    <message>
        <source>Saved {0}</source>
        <translation>Gespeichert: {0}</translation>
    </message>
    <message>
        <source>Keeping {0}…</source>
        <translation>{0} wird behalten…</translation>
    </message>
    <message>
        <source>Keeping the next {1:.0f} s as {0}…</source>
        <translation>Die nächsten {1:.0f} s werden als {0} behalten…</translation>
    </message>
    <message>
        <source>Kept {0}: {1}</source>
        <translation>Behalten: {0}: {1}</translation>
    </message>
    <message>
        <source>Nothing was recorded: no new picture came meanwhile.</source>
        <translation>Nichts wurde aufgenommen: Es kam kein neues Bild.</translation>
    </message>
    <message>
        <source>Recorded {0} to {1}</source>
        <translation>{0} aufgenommen: {1}</translation>
    </message>
    <message>
        <source> ({0} frames were dropped)</source>
        <translation> ({0} Bilder fielen aus)</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>Saved the last {0} to {1}</source>
        <translation>Die letzten {0} gesichert: {1}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Nothing is kept of what was before, so nothing can be saved.</source>
        <translation>Von dem, was vorher war, wird nichts behalten, daher gibt es nichts zu sichern.</translation>
    </message>
    <message>
        <source>Keep the last {0} s from now on</source>
        <translation>Ab jetzt die letzten {0} s behalten</translation>
    </message>
    <message>
        <source>The end.</source>
        <translation>Ende.</translation>
    </message>
    <message>
        <source>Play again</source>
        <translation>Noch einmal abspielen</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>{0} holds weights: a model is made of them first, then opened here.</source>
        <translation>{0} enthält Gewichte: Daraus wird zuerst ein Modell gemacht, das dann hier geöffnet wird.</translation>
    </message>
    <message>
        <source>Copy the command</source>
        <translation>Befehl kopieren</translation>
    </message>
    <message>
        <source>No program was found that shows folders. It is {0}</source>
        <translation>Kein Programm gefunden, das Ordner zeigt. Es ist {0}</translation>
    </message>
    <message>
        <source>Copy the path</source>
        <translation>Pfad kopieren</translation>
    </message>
</context>
<context>
    <name>ModelSection</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>Öffnen…</translation>
    </message>
    <message>
        <source>Make one…</source>
        <translation>Erstellen…</translation>
    </message>
    <message>
        <source>How a model is made from weights</source>
        <translation>Wie aus Gewichten ein Modell wird</translation>
    </message>
    <message>
        <source>Not loaded.</source>
        <translation>Nicht geladen.</translation>
    </message>
    <message>
        <source>Sees {0} x {1} pixels, knows {2} classes</source>
        <translation>Sieht {0} x {1} Pixel, kennt {2} Klassen</translation>
    </message>
    <message>
        <source>{0} ms</source>
        <translation>{0} ms</translation>
    </message>
    <message>
        <source>This makes one from your own weights (.caffemodel, .tflite, .pb, .h5, .keras). Then open it here, or drop it on the window.</source>
        <translation>Dies macht eines aus Ihren eigenen Gewichten (.caffemodel, .tflite, .pb, .h5, .keras). Dann öffnen Sie es hier oder ziehen es auf das Fenster.</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Notice</source>
        <translation>Hinweis</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>Opener</name>
    <message>
        <source>Open videos, or photos</source>
        <translation>Videos oder Fotos öffnen</translation>
    </message>
    <message>
        <source>Videos and photos ({0});;All files (*)</source>
        <translation>Videos und Fotos ({0});;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open a folder of videos or photos</source>
        <translation>Einen Ordner mit Videos oder Fotos öffnen</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Ein Modell öffnen</translation>
    </message>
    <message>
        <source>Models ({0})</source>
        <translation>Modelle ({0})</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>Keine Kamera gefunden</translation>
    </message>
    <message>
        <source>Bundled street clip</source>
        <translation>Mitgelieferter Straßenclip</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>Noch nichts</translation>
    </message>
    <message>
        <source>Forget these</source>
        <translation>Diese vergessen</translation>
    </message>
</context>
<context>
    <name>OverlaySection</name>
    <message>
        <source>Overlay</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>Lines</source>
        <translation>Linien</translation>
    </message>
    <message>
        <source>line width</source>
        <translation>Linienstärke</translation>
    </message>
    <message>
        <source>How thick the boxes are</source>
        <translation>Wie dick die Rahmen sind</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Schrift</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>label size</source>
        <translation>Schriftgröße</translation>
    </message>
    <message>
        <source>How large class names are; at the far left there are none</source>
        <translation>Wie groß Klassennamen sind; ganz links gibt es keine</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>Füllung</translation>
    </message>
    <message>
        <source>fill</source>
        <translation>Füllung</translation>
    </message>
    <message>
        <source>How much of the class&apos;s colour is inside a box</source>
        <translation>Wie viel Farbe der Klasse im Rahmen ist</translation>
    </message>
    <message>
        <source>Scores</source>
        <translation>Werte</translation>
    </message>
    <message>
        <source>The score behind the class name</source>
        <translation>Der Wert hinter dem Klassennamen</translation>
    </message>
    <message>
        <source>scores</source>
        <translation>Werte</translation>
    </message>
    <message>
        <source>FPS</source>
        <translation>FPS</translation>
    </message>
    <message>
        <source>Frames a second in the corner of the picture</source>
        <translation>Bilder je Sekunde in der Ecke des Bildes</translation>
    </message>
    <message>
        <source>One name for each object</source>
        <translation>Ein Name je Objekt</translation>
    </message>
    <message>
        <source>Of two classes on the same box, the better one alone</source>
        <translation>Von zwei Klassen auf demselben Rahmen nur die bessere</translation>
    </message>
    <message>
        <source>names</source>
        <translation>Namen</translation>
    </message>
</context>
<context>
    <name>PartMarks</name>
    <message>
        <source>All of it again</source>
        <translation>Wieder die ganze Datei</translation>
    </message>
    <message>
        <source>Part: {0} to {1}</source>
        <translation>Ausschnitt: {0} bis {1}</translation>
    </message>
</context>
<context>
    <name>PlayList</name>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>{0} was passed over: {1}</source>
        <translation>{0} wurde übergangen: {1}</translation>
    </message>
</context>
<context>
    <name>PlotDock</name>
    <message>
        <source>Plots</source>
        <translation>Diagramme</translation>
    </message>
</context>
<context>
    <name>Plots</name>
    <message>
        <source>Time of a frame</source>
        <translation>Zeit eines Bildes</translation>
    </message>
    <message>
        <source>milliseconds</source>
        <translation>Millisekunden</translation>
    </message>
    <message>
        <source>Stage times of the last half minute, stacked</source>
        <translation>Zeiten der Stufen in der letzten halben Minute, gestapelt</translation>
    </message>
    <message>
        <source>Found in a frame</source>
        <translation>In einem Bild gefunden</translation>
    </message>
    <message>
        <source>objects</source>
        <translation>Objekte</translation>
    </message>
    <message>
        <source>Counts of each class over the last half minute</source>
        <translation>Anzahl je Klasse in der letzten halben Minute</translation>
    </message>
    <message>
        <source>Went by</source>
        <translation>Vorbeigekommen</translation>
    </message>
    <message>
        <source>counted</source>
        <translation>gezählt</translation>
    </message>
    <message>
        <source>How many crossed each line or entered each zone, over time</source>
        <translation>Wie viele jede Linie überquert oder jeden Bereich betreten haben, im Lauf der Zeit</translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation>und {0} weitere</translation>
    </message>
    <message>
        <source>capture age</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>wait</source>
        <translation>Warten</translation>
    </message>
    <message>
        <source>preprocess</source>
        <translation>Vorbereiten</translation>
    </message>
    <message>
        <source>inference</source>
        <translation>Erkennen</translation>
    </message>
    <message>
        <source>postprocess</source>
        <translation>Nachbereiten</translation>
    </message>
    <message>
        <source>draw</source>
        <translation>Zeichnen</translation>
    </message>
    <message>
        <source>show</source>
        <translation>Zeigen</translation>
    </message>
</context>
<context>
    <name>RecordingSection</name>
    <message>
        <source>Recording</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>new files</source>
        <translation>neue Dateien</translation>
    </message>
    <message>
        <source>Without boxes, they are in a file beside it, to be drawn later</source>
        <translation>Ohne Rahmen; sie stehen in einer Datei daneben und lassen sich später zeichnen</translation>
    </message>
    <message>
        <source>with boxes</source>
        <translation>mit Rahmen</translation>
    </message>
    <message>
        <source>the clean picture</source>
        <translation>das reine Bild</translation>
    </message>
    <message>
        <source>what is recorded</source>
        <translation>was aufgenommen wird</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>New file after</source>
        <translation>Neue Datei nach</translation>
    </message>
    <message>
        <source>New file at</source>
        <translation>Neue Datei ab</translation>
    </message>
    <message>
        <source>Not recording</source>
        <translation>Keine Aufnahme</translation>
    </message>
    <message>
        <source>Waiting, {0}</source>
        <translation>Wartet, {0}</translation>
    </message>
    <message>
        <source>Recording, {0}</source>
        <translation>Aufnahme, {0}</translation>
    </message>
    <message>
        <source>Nothing is recorded while what plays stands still.</source>
        <translation>Nichts wird aufgenommen, solange stillsteht, was spielt.</translation>
    </message>
    <message>
        <source>{0} MB</source>
        <translation>{0} MB</translation>
    </message>
    <message>
        <source>{0} frames dropped</source>
        <translation>{0} Bilder ausgefallen</translation>
    </message>
    <message>
        <source>nothing dropped</source>
        <translation>nichts ausgefallen</translation>
    </message>
    <message>
        <source>{0} GB free</source>
        <translation>{0} GB frei</translation>
    </message>
    <message>
        <source>{0}: room for {1} more</source>
        <translation>{0}: Platz für noch {1}</translation>
    </message>
    <message>
        <source>{0} min</source>
        <translation>{0} min</translation>
    </message>
    <message>
        <source>{0} h</source>
        <translation>{0} h</translation>
    </message>
    <message>
        <source>{0} days</source>
        <translation>{0} Tage</translation>
    </message>
    <message>
        <source>A long recording goes on in a new file</source>
        <translation>Eine lange Aufnahme geht in einer neuen Datei weiter</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
</context>
<context>
    <name>ReplayRows</name>
    <message>
        <source>Of a camera; saved by B</source>
        <translation>Von einer Kamera; B sichert sie</translation>
    </message>
    <message>
        <source>In memory; what is older goes</source>
        <translation>Im Speicher; Älteres entfällt</translation>
    </message>
    <message>
        <source>Keep the last</source>
        <translation>Letzte behalten</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>Höchstens</translation>
    </message>
    <message>
        <source>Holds {0} s in {1} MB</source>
        <translation>Hält {0} s in {1} MB</translation>
    </message>
    <message>
        <source>what is kept</source>
        <translation>was behalten wird</translation>
    </message>
    <message>
        <source>{0} MB</source>
        <translation>{0} MB</translation>
    </message>
    <message>
        <source>{0} s</source>
        <translation>{0} s</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nichts</translation>
    </message>
</context>
<context>
    <name>Replays</name>
    <message>
        <source>Nothing plays, so there is nothing to save.</source>
        <translation>Es spielt nichts, daher gibt es nichts zu sichern.</translation>
    </message>
    <message>
        <source>Open a camera first.</source>
        <translation>Öffnen Sie zuerst eine Kamera.</translation>
    </message>
</context>
<context>
    <name>RulesEditor</name>
    <message>
        <source>line {0}</source>
        <translation>Linie {0}</translation>
    </message>
    <message>
        <source>zone {0}</source>
        <translation>Bereich {0}</translation>
    </message>
    <message>
        <source>change of {0}</source>
        <translation>Änderung von {0}</translation>
    </message>
    <message>
        <source>removal of {0}</source>
        <translation>Entfernen von {0}</translation>
    </message>
</context>
<context>
    <name>Scene</name>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
</context>
<context>
    <name>SceneKeeper</name>
    <message>
        <source>Photos are no clip to test with.</source>
        <translation>Fotos sind kein Clip zum Testen.</translation>
    </message>
    <message>
        <source>Open a video, or a camera.</source>
        <translation>Öffnen Sie ein Video oder eine Kamera.</translation>
    </message>
    <message>
        <source>A test keeps the original, and who is hidden now would be seen.</source>
        <translation>Ein Test behält das Original, und wer jetzt verdeckt ist, wäre zu sehen.</translation>
    </message>
    <message>
        <source>Hide nobody first, in the panel under Hiding.</source>
        <translation>Verdecken Sie zuerst niemanden, in der Seitenleiste unter Verdecken.</translation>
    </message>
    <message>
        <source>Nothing plays any more, so nothing was kept.</source>
        <translation>Es spielt nichts mehr, daher wurde nichts behalten.</translation>
    </message>
    <message>
        <source>Open the camera again.</source>
        <translation>Öffnen Sie die Kamera noch einmal.</translation>
    </message>
    <message>
        <source>Others are still being kept, so this one was not.</source>
        <translation>Andere werden noch gespeichert, daher dieser nicht.</translation>
    </message>
    <message>
        <source>Try again in a moment.</source>
        <translation>Versuchen Sie es gleich noch einmal.</translation>
    </message>
</context>
<context>
    <name>Section</name>
    <message>
        <source>All of this section as it was at first</source>
        <translation>Alles in diesem Abschnitt wie am Anfang</translation>
    </message>
    <message>
        <source>Reset {0}</source>
        <translation>{0} zurücksetzen</translation>
    </message>
    <message>
        <source>{0}:  {1}</source>
        <translation>{0}:  {1}</translation>
    </message>
    <message>
        <source>folded</source>
        <translation>zugeklappt</translation>
    </message>
    <message>
        <source>unfolded</source>
        <translation>aufgeklappt</translation>
    </message>
</context>
<context>
    <name>Sentences</name>
    <message>
        <source>A Wayland desktop does not let programs see the screen.</source>
        <translation>Ein Wayland-Desktop lässt Programme den Bildschirm nicht sehen.</translation>
    </message>
    <message>
        <source>A file is called {0}, too.</source>
        <translation>Auch eine Datei heißt {0}.</translation>
    </message>
    <message>
        <source>A recording is already running.</source>
        <translation>Eine Aufnahme läuft schon.</translation>
    </message>
    <message>
        <source>A sound track in an unknown format was left out.</source>
        <translation>Eine Tonspur in einem unbekannten Format wurde weggelassen.</translation>
    </message>
    <message>
        <source>A sound track that begins late was left out.</source>
        <translation>Eine Tonspur, die später beginnt, wurde weggelassen.</translation>
    </message>
    <message>
        <source>Add --device openvino, or choose a copy of the model (.int8, .fp16).</source>
        <translation>Fügen Sie --device openvino hinzu, oder wählen Sie eine Fassung des Modells (.int8, .fp16).</translation>
    </message>
    <message>
        <source>An earlier one, cut off, is in {0}.</source>
        <translation>Eine frühere, abgebrochene liegt in {0}.</translation>
    </message>
    <message>
        <source>Build it again with: python build_model.py</source>
        <translation>Bauen Sie es neu mit: python build_model.py</translation>
    </message>
    <message>
        <source>Check it, or open another camera, address or file.</source>
        <translation>Prüfen Sie sie, oder öffnen Sie eine andere Kamera, Adresse oder Datei.</translation>
    </message>
    <message>
        <source>Check its brackets: [ and ].</source>
        <translation>Prüfen Sie die Klammern: [ und ].</translation>
    </message>
    <message>
        <source>Check its permissions.</source>
        <translation>Prüfen Sie seine Rechte.</translation>
    </message>
    <message>
        <source>Check the address.</source>
        <translation>Prüfen Sie die Adresse.</translation>
    </message>
    <message>
        <source>Check the file&apos;s permissions.</source>
        <translation>Prüfen Sie die Rechte der Datei.</translation>
    </message>
    <message>
        <source>Check the name, and that the camera is plugged in.</source>
        <translation>Prüfen Sie den Namen, und ob die Kamera angeschlossen ist.</translation>
    </message>
    <message>
        <source>Check the name.</source>
        <translation>Prüfen Sie den Namen.</translation>
    </message>
    <message>
        <source>Check the network.</source>
        <translation>Prüfen Sie das Netzwerk.</translation>
    </message>
    <message>
        <source>Check the pattern.</source>
        <translation>Prüfen Sie das Muster.</translation>
    </message>
    <message>
        <source>Check what was pasted.</source>
        <translation>Prüfen Sie, was eingefügt wurde.</translation>
    </message>
    <message>
        <source>Choose a file in it.</source>
        <translation>Wählen Sie eine Datei darin.</translation>
    </message>
    <message>
        <source>Choose a file.</source>
        <translation>Wählen Sie eine Datei.</translation>
    </message>
    <message>
        <source>Choose a model that detects objects in pictures.</source>
        <translation>Wählen Sie ein Modell, das Objekte in Bildern erkennt.</translation>
    </message>
    <message>
        <source>Choose a model that takes colour pictures.</source>
        <translation>Wählen Sie ein Modell, das Farbbilder nimmt.</translation>
    </message>
    <message>
        <source>Choose a server that does: main.py serve, Triton, KServe.</source>
        <translation>Wählen Sie einen Server, der es tut: main.py serve, Triton, KServe.</translation>
    </message>
    <message>
        <source>Choose a video such as .mp4, .mkv, .mov, .avi or .webm.</source>
        <translation>Wählen Sie ein Video wie .mp4, .mkv, .mov, .avi oder .webm.</translation>
    </message>
    <message>
        <source>Choose an .onnx file.</source>
        <translation>Wählen Sie eine .onnx-Datei.</translation>
    </message>
    <message>
        <source>Choose another device.</source>
        <translation>Wählen Sie ein anderes Gerät.</translation>
    </message>
    <message>
        <source>Choose another file; ONNX Runtime says: {0}</source>
        <translation>Wählen Sie eine andere Datei; ONNX Runtime sagt: {0}</translation>
    </message>
    <message>
        <source>Choose another folder or another name.</source>
        <translation>Wählen Sie einen anderen Ordner oder Namen.</translation>
    </message>
    <message>
        <source>Choose another folder, or pass --overwrite.</source>
        <translation>Wählen Sie einen anderen Ordner, oder geben Sie --overwrite an.</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>Wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Choose another model, or another device.</source>
        <translation>Wählen Sie ein anderes Modell oder ein anderes Gerät.</translation>
    </message>
    <message>
        <source>Choose another model, or export it with one input.</source>
        <translation>Wählen Sie ein anderes Modell, oder exportieren Sie es mit einem Eingang.</translation>
    </message>
    <message>
        <source>Choose another name, or pass --overwrite.</source>
        <translation>Wählen Sie einen anderen Namen, oder geben Sie --overwrite an.</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>Choose another one, or a video in it.</source>
        <translation>Wählen Sie einen anderen, oder ein Video darin.</translation>
    </message>
    <message>
        <source>Choose one of letters and digits, the same on both sides.</source>
        <translation>Wählen Sie eines aus Buchstaben und Ziffern, auf beiden Seiten dasselbe.</translation>
    </message>
    <message>
        <source>Choose others: {0}.</source>
        <translation>Wählen Sie andere: {0}.</translation>
    </message>
    <message>
        <source>Choose the float copy of the model.</source>
        <translation>Wählen Sie die float-Fassung des Modells.</translation>
    </message>
    <message>
        <source>Choose the float or fp16 copy of the model.</source>
        <translation>Wählen Sie die float- oder fp16-Fassung des Modells.</translation>
    </message>
    <message>
        <source>Close that one, and check that the system lets this app use cameras. Or open a video file.</source>
        <translation>Schließen Sie jenes, und prüfen Sie, ob das System dieser App Kameras erlaubt. Oder öffnen Sie eine Videodatei.</translation>
    </message>
    <message>
        <source>Convert it to H.264, with HandBrake for example.</source>
        <translation>Wandeln Sie es in H.264 um, zum Beispiel mit HandBrake.</translation>
    </message>
    <message>
        <source>Create it, or choose another.</source>
        <translation>Legen Sie ihn an, oder wählen Sie einen anderen.</translation>
    </message>
    <message>
        <source>Delete it to start from the defaults.</source>
        <translation>Löschen Sie sie, um von vorn zu beginnen.</translation>
    </message>
    <message>
        <source>Export it for one picture (batch size 1), or for any number.</source>
        <translation>Exportieren Sie es für ein Bild (Batchgröße 1) oder für beliebig viele.</translation>
    </message>
    <message>
        <source>Give a camera&apos;s number, a file or an address.</source>
        <translation>Geben Sie die Nummer einer Kamera, eine Datei oder eine Adresse an.</translation>
    </message>
    <message>
        <source>Go to another folder, and ask again.</source>
        <translation>Wechseln Sie in einen anderen Ordner, und fragen Sie noch einmal.</translation>
    </message>
    <message>
        <source>In it, write %2F for / in the password, %3F for ?, %23 for #, and %40 for each @ but the one before the host.</source>
        <translation>Schreiben Sie darin %2F für / im Passwort, %3F für ?, %23 für # und %40 für jedes @ außer dem vor dem Host.</translation>
    </message>
    <message>
        <source>Install it with: pip install -r requirements-sound.txt</source>
        <translation>Installieren Sie es mit: pip install -r requirements-sound.txt</translation>
    </message>
    <message>
        <source>Is it running, and is the port right?</source>
        <translation>Läuft er, und stimmt der Port?</translation>
    </message>
    <message>
        <source>It can be sent back instead.</source>
        <translation>Sie lässt sich stattdessen zurückspulen.</translation>
    </message>
    <message>
        <source>It has no sound where the video was not played in one go.</source>
        <translation>Wo das Video nicht in einem Zug lief, hat sie keinen Ton.</translation>
    </message>
    <message>
        <source>It has no sound, because {0} cannot be read any more.</source>
        <translation>Sie hat keinen Ton, weil {0} nicht mehr gelesen werden kann.</translation>
    </message>
    <message>
        <source>It has no sound: {0}.</source>
        <translation>Sie hat keinen Ton: {0}.</translation>
    </message>
    <message>
        <source>It is still kept. Make room, or choose another folder, and try again.</source>
        <translation>Er ist noch da. Schaffen Sie Platz, oder wählen Sie einen anderen Ordner, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>It looks like http://host:8000/v2/models/NAME.</source>
        <translation>Sie sieht so aus: http://host:8000/v2/models/NAME.</translation>
    </message>
    <message>
        <source>It was left as it is.</source>
        <translation>Sie blieb, wie sie ist.</translation>
    </message>
    <message>
        <source>It was left as it was recorded, in pieces and without sound: {0}.</source>
        <translation>Sie blieb, wie sie aufgenommen wurde, in Stücken und ohne Ton: {0}.</translation>
    </message>
    <message>
        <source>It was not switched; choose another device or model.</source>
        <translation>Es wurde nicht gewechselt; wählen Sie ein anderes Gerät oder Modell.</translation>
    </message>
    <message>
        <source>Its classes are {0}.</source>
        <translation>Seine Klassen sind {0}.</translation>
    </message>
    <message>
        <source>Its sidecar could not be written.</source>
        <translation>Ihre Begleitdatei konnte nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>Its sound breaks off, as that of the original.</source>
        <translation>Der Ton bricht ab, wie im Original.</translation>
    </message>
    <message>
        <source>Its {0} sound was encoded anew, as AAC, which is played everywhere.</source>
        <translation>Der {0}-Ton wurde neu als AAC kodiert, das überall läuft.</translation>
    </message>
    <message>
        <source>Its {0} sound was left out: it cannot be encoded.</source>
        <translation>Der {0}-Ton wurde weggelassen: er kann nicht kodiert werden.</translation>
    </message>
    <message>
        <source>Known are: {0} and our own; see docs/models.md.</source>
        <translation>Bekannt sind: {0} und unsere eigenen; siehe docs/models.md.</translation>
    </message>
    <message>
        <source>Leave it alone.</source>
        <translation>Lassen Sie sie in Ruhe.</translation>
    </message>
    <message>
        <source>Leave out --strict, or choose another device.</source>
        <translation>Lassen Sie --strict weg, oder wählen Sie ein anderes Gerät.</translation>
    </message>
    <message>
        <source>Let the camera or server send H.264.</source>
        <translation>Lassen Sie die Kamera oder den Server H.264 senden.</translation>
    </message>
    <message>
        <source>Line {0} of the sidecar {1} is bad: {2}.</source>
        <translation>Zeile {0} der Beidatei {1} ist falsch: {2}.</translation>
    </message>
    <message>
        <source>Log in with an X11 (Xorg) session.</source>
        <translation>Melden Sie sich mit einer X11-Sitzung (Xorg) an.</translation>
    </message>
    <message>
        <source>Look at the server.</source>
        <translation>Sehen Sie beim Server nach.</translation>
    </message>
    <message>
        <source>Look up the name; it stands behind /v2/models/ in the address.</source>
        <translation>Sehen Sie den Namen nach; er steht in der Adresse hinter /v2/models/.</translation>
    </message>
    <message>
        <source>Look whether its server runs; with --meanwhile this machine steps in.</source>
        <translation>Sehen Sie nach, ob sein Server läuft; mit --meanwhile springt dieser Rechner ein.</translation>
    </message>
    <message>
        <source>Make it again with: python main.py export</source>
        <translation>Machen Sie sie neu mit: python main.py export</translation>
    </message>
    <message>
        <source>Make one from your weights with: python build_model.py convert WEIGHTS</source>
        <translation>Machen Sie eines aus Ihren Gewichten mit: python build_model.py convert WEIGHTS</translation>
    </message>
    <message>
        <source>Make one with: python build_model.py fetch voc0712 (or convert WEIGHTS), or choose another.</source>
        <translation>Machen Sie eine mit: python build_model.py fetch voc0712 (oder convert WEIGHTS), oder wählen Sie eine andere.</translation>
    </message>
    <message>
        <source>Make room.</source>
        <translation>Schaffen Sie Platz.</translation>
    </message>
    <message>
        <source>Mend it, or delete it to start from the defaults.</source>
        <translation>Berichtigen Sie sie, oder löschen Sie sie, um von vorn zu beginnen.</translation>
    </message>
    <message>
        <source>Mend that line; docs/counting.md shows a whole file.</source>
        <translation>Berichtigen Sie diese Zeile; docs/counting.md zeigt eine ganze Datei.</translation>
    </message>
    <message>
        <source>Mend the file of names beside it, or its metadata.</source>
        <translation>Berichtigen Sie die Namensdatei daneben oder seine Metadaten.</translation>
    </message>
    <message>
        <source>Mend them; docs/counting.md and docs/watching.md show whole files.</source>
        <translation>Berichtigen Sie sie; docs/counting.md und docs/watching.md zeigen ganze Dateien.</translation>
    </message>
    <message>
        <source>Name a device, for example: --device cuda</source>
        <translation>Nennen Sie ein Gerät, zum Beispiel: --device cuda</translation>
    </message>
    <message>
        <source>Name a file in it.</source>
        <translation>Nennen Sie eine Datei darin.</translation>
    </message>
    <message>
        <source>Name another model, or build it again.</source>
        <translation>Nennen Sie ein anderes Modell oder bauen Sie es neu.</translation>
    </message>
    <message>
        <source>Name it with --source.</source>
        <translation>Nennen Sie es mit --source.</translation>
    </message>
    <message>
        <source>Name one of them: {0}.</source>
        <translation>Nennen Sie eine davon: {0}.</translation>
    </message>
    <message>
        <source>Name one that knows the same: --meanwhile-model M.onnx.</source>
        <translation>Nennen Sie eines, das dieselben kennt: --meanwhile-model M.onnx.</translation>
    </message>
    <message>
        <source>Name the one it belongs to with --source.</source>
        <translation>Nennen Sie mit --source das, zu dem es gehört.</translation>
    </message>
    <message>
        <source>No model server answers at {0} ({1}).</source>
        <translation>Kein Modellserver antwortet unter {0} ({1}).</translation>
    </message>
    <message>
        <source>No sound device can be opened, so nothing is heard.</source>
        <translation>Kein Tongerät lässt sich öffnen, deshalb ist nichts zu hören.</translation>
    </message>
    <message>
        <source>No source was named.</source>
        <translation>Keine Quelle wurde genannt.</translation>
    </message>
    <message>
        <source>Nothing comes out of the pipe {0}.</source>
        <translation>Aus der Pipe {0} kommt nichts.</translation>
    </message>
    <message>
        <source>Nothing is kept of a file.</source>
        <translation>Von einer Datei wird nichts behalten.</translation>
    </message>
    <message>
        <source>Nothing is kept that could be replayed.</source>
        <translation>Nichts wird behalten, das sich zurückspielen ließe.</translation>
    </message>
    <message>
        <source>Nothing is playing, so there is nothing to record.</source>
        <translation>Es spielt nichts, daher gibt es nichts aufzunehmen.</translation>
    </message>
    <message>
        <source>Nothing matches {0}.</source>
        <translation>Nichts passt auf {0}.</translation>
    </message>
    <message>
        <source>ONNX Runtime could not start it{0}</source>
        <translation>ONNX Runtime konnte es nicht starten{0}</translation>
    </message>
    <message>
        <source>On {0}, {1} sees something else: {2} % of the boxes agree.</source>
        <translation>Auf {0} sieht {1} etwas anderes: {2}&#xa0;% der Rahmen stimmen überein.</translation>
    </message>
    <message>
        <source>Only OpenVINO can be told its precision.</source>
        <translation>Nur OpenVINO lässt sich die Genauigkeit sagen.</translation>
    </message>
    <message>
        <source>Open a camera or a file first.</source>
        <translation>Öffnen Sie zuerst eine Kamera oder eine Datei.</translation>
    </message>
    <message>
        <source>Open a camera or a video file instead.</source>
        <translation>Öffnen Sie stattdessen eine Kamera oder eine Videodatei.</translation>
    </message>
    <message>
        <source>Open it alone.</source>
        <translation>Öffnen Sie es allein.</translation>
    </message>
    <message>
        <source>OpenVINO does not start ({0})</source>
        <translation>OpenVINO startet nicht ({0})</translation>
    </message>
    <message>
        <source>OpenVINO finds no CPU that it knows</source>
        <translation>OpenVINO findet keine CPU, die es kennt</translation>
    </message>
    <message>
        <source>OpenVINO finds no Intel GPU</source>
        <translation>OpenVINO findet keine Intel-GPU</translation>
    </message>
    <message>
        <source>OpenVINO is not installed</source>
        <translation>OpenVINO ist nicht installiert</translation>
    </message>
    <message>
        <source>Plug it in again.</source>
        <translation>Schließen Sie sie wieder an.</translation>
    </message>
    <message>
        <source>Plug it in, or open another camera or a video file.</source>
        <translation>Schließen Sie sie an, oder öffnen Sie eine andere Kamera oder eine Videodatei.</translation>
    </message>
    <message>
        <source>Plug one in, and open the file again.</source>
        <translation>Schließen Sie eines an, und öffnen Sie die Datei noch einmal.</translation>
    </message>
    <message>
        <source>Put its token into the variable {0}.</source>
        <translation>Setzen Sie sein Token in die Variable {0}.</translation>
    </message>
    <message>
        <source>Put them into the address: {0}://name:password@{1}</source>
        <translation>Setzen Sie sie in die Adresse: {0}://name:password@{1}</translation>
    </message>
    <message>
        <source>Reinstall the av package.</source>
        <translation>Installieren Sie das Paket av neu.</translation>
    </message>
    <message>
        <source>Replays are of cameras and streams that play; a file is its own.</source>
        <translation>Rückblicke gibt es von laufenden Kameras und Streams; eine Datei ist ihr eigener.</translation>
    </message>
    <message>
        <source>Run: sudo usermod -aG video $USER, then log out and in again.</source>
        <translation>Führen Sie aus: sudo usermod -aG video $USER, dann melden Sie sich ab und wieder an.</translation>
    </message>
    <message>
        <source>Save them as UTF-8.</source>
        <translation>Speichern Sie sie als UTF-8.</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>Bildschirm</translation>
    </message>
    <message>
        <source>Several cameras are called {0}.</source>
        <translation>Mehrere Kameras heißen {0}.</translation>
    </message>
    <message>
        <source>Several files at once must be photos, and {0} is none.</source>
        <translation>Mehrere Dateien auf einmal müssen Fotos sein, und {0} ist keines.</translation>
    </message>
    <message>
        <source>Sound is not heard: miniaudio is not installed.</source>
        <translation>Es ist kein Ton zu hören: miniaudio ist nicht installiert.</translation>
    </message>
    <message>
        <source>Start the program that writes into it, or open a file.</source>
        <translation>Starten Sie das Programm, das hineinschreibt, oder öffnen Sie eine Datei.</translation>
    </message>
    <message>
        <source>Stop it first.</source>
        <translation>Beenden Sie sie zuerst.</translation>
    </message>
    <message>
        <source>Strictly what, is not said.</source>
        <translation>Streng was, ist nicht gesagt.</translation>
    </message>
    <message>
        <source>TensorRT 10 is not installed</source>
        <translation>TensorRT 10 ist nicht installiert</translation>
    </message>
    <message>
        <source>Test camera</source>
        <translation>Testkamera</translation>
    </message>
    <message>
        <source>Test pattern</source>
        <translation>Testbild</translation>
    </message>
    <message>
        <source>That is no address of a model.</source>
        <translation>Das ist keine Adresse eines Modells.</translation>
    </message>
    <message>
        <source>That is no name of anything.</source>
        <translation>Das ist kein Name von irgendetwas.</translation>
    </message>
    <message>
        <source>The address cannot be understood.</source>
        <translation>Die Adresse ist nicht zu verstehen.</translation>
    </message>
    <message>
        <source>The class names in {0} are damaged.</source>
        <translation>Die Klassennamen in {0} sind beschädigt.</translation>
    </message>
    <message>
        <source>The class names in {0} cannot be read.</source>
        <translation>Die Klassennamen in {0} sind nicht lesbar.</translation>
    </message>
    <message>
        <source>The clip {0} cannot be written: {1}.</source>
        <translation>Der Clip {0} lässt sich nicht schreiben: {1}.</translation>
    </message>
    <message>
        <source>The clip {0} could not be finished: {1}.</source>
        <translation>Der Clip {0} ließ sich nicht abschließen: {1}.</translation>
    </message>
    <message>
        <source>The disk is nearly full, so {0} is not recorded any further ({1} MB are left).</source>
        <translation>Der Datenträger ist fast voll, daher wird {0} nicht weiter aufgenommen ({1} MB sind übrig).</translation>
    </message>
    <message>
        <source>The folder {0} may not be read.</source>
        <translation>Der Ordner {0} darf nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The metadata of {0} is damaged ({1}).</source>
        <translation>Die Metadaten von {0} sind beschädigt ({1}).</translation>
    </message>
    <message>
        <source>The photos are in {0}.</source>
        <translation>Die Fotos sind in {0}.</translation>
    </message>
    <message>
        <source>The recording {0} was ended: {1}.</source>
        <translation>Die Aufnahme {0} wurde beendet: {1}.</translation>
    </message>
    <message>
        <source>The replay cannot be saved to {0}: {1}.</source>
        <translation>Der Rückblick lässt sich nicht nach {0} sichern: {1}.</translation>
    </message>
    <message>
        <source>The rules {0} are no JSON (line {1}: {2}).</source>
        <translation>Die Regeln {0} sind kein JSON (Zeile {1}: {2}).</translation>
    </message>
    <message>
        <source>The rules {0} are no text in UTF-8.</source>
        <translation>Die Regeln {0} sind kein Text in UTF-8.</translation>
    </message>
    <message>
        <source>The rules {0} are wrong: {1}.</source>
        <translation>Die Regeln {0} sind falsch: {1}.</translation>
    </message>
    <message>
        <source>The rules {0} cannot be read ({1}).</source>
        <translation>Die Regeln {0} sind nicht lesbar ({1}).</translation>
    </message>
    <message>
        <source>The screen can no longer be seen.</source>
        <translation>Der Bildschirm ist nicht mehr zu sehen.</translation>
    </message>
    <message>
        <source>The settings file {0} cannot be read ({1}).</source>
        <translation>Die Einstellungsdatei {0} ist nicht lesbar ({1}).</translation>
    </message>
    <message>
        <source>The settings file {0} holds a bad value: {1}.</source>
        <translation>Die Einstellungsdatei {0} enthält einen falschen Wert: {1}.</translation>
    </message>
    <message>
        <source>The sidecar {0} cannot be read.</source>
        <translation>Die Beidatei {0} ist nicht lesbar.</translation>
    </message>
    <message>
        <source>The snapshot {0} cannot be written: {1}.</source>
        <translation>Das Foto {0} lässt sich nicht schreiben: {1}.</translation>
    </message>
    <message>
        <source>The test camera does not open.</source>
        <translation>Die Testkamera öffnet sich nicht.</translation>
    </message>
    <message>
        <source>The test camera has lost its connection.</source>
        <translation>Die Testkamera hat ihre Verbindung verloren.</translation>
    </message>
    <message>
        <source>The test camera is in use by another app.</source>
        <translation>Die Testkamera wird von einer anderen Anwendung benutzt.</translation>
    </message>
    <message>
        <source>The test camera knows no fault called {0}.</source>
        <translation>Die Testkamera kennt keinen Fehler namens {0}.</translation>
    </message>
    <message>
        <source>The test camera was unplugged.</source>
        <translation>Die Testkamera wurde abgezogen.</translation>
    </message>
    <message>
        <source>The token in {0} is more than one line of text.</source>
        <translation>Das Token in {0} ist mehr als eine Zeile Text.</translation>
    </message>
    <message>
        <source>The unfinished recording {0} cannot be recovered: {1}.</source>
        <translation>Die unfertige Aufnahme {0} lässt sich nicht retten: {1}.</translation>
    </message>
    <message>
        <source>The video that {0} was made from is not here: {1}.</source>
        <translation>Das Video, aus dem {0} gemacht wurde, ist nicht hier: {1}.</translation>
    </message>
    <message>
        <source>There are no photos in the folder {0}.</source>
        <translation>Im Ordner {0} sind keine Fotos.</translation>
    </message>
    <message>
        <source>There is no camera and no file called {0}.</source>
        <translation>Es gibt weder Kamera noch Datei namens {0}.</translation>
    </message>
    <message>
        <source>There is no file {0}.</source>
        <translation>Es gibt keine Datei {0}.</translation>
    </message>
    <message>
        <source>There is no folder {0}.</source>
        <translation>Es gibt keinen Ordner {0}.</translation>
    </message>
    <message>
        <source>There is no model file {0}.</source>
        <translation>Es gibt keine Modelldatei {0}.</translation>
    </message>
    <message>
        <source>There is no monitor {0}.</source>
        <translation>Es gibt keinen Bildschirm {0}.</translation>
    </message>
    <message>
        <source>There is no screen here.</source>
        <translation>Hier gibt es keinen Bildschirm.</translation>
    </message>
    <message>
        <source>There is nothing to replay yet.</source>
        <translation>Es gibt noch keinen Rückblick.</translation>
    </message>
    <message>
        <source>This FFmpeg can write no video.</source>
        <translation>Dieses FFmpeg kann kein Video schreiben.</translation>
    </message>
    <message>
        <source>Try another port, or ask for less: NAME@640x480/15/MJPG.</source>
        <translation>Versuchen Sie einen anderen Anschluss, oder verlangen Sie weniger: NAME@640x480/15/MJPG.</translation>
    </message>
    <message>
        <source>Unplug it and plug it in again.</source>
        <translation>Ziehen Sie sie ab und schließen Sie sie wieder an.</translation>
    </message>
    <message>
        <source>Update the driver{0}</source>
        <translation>Aktualisieren Sie den Treiber{0}</translation>
    </message>
    <message>
        <source>Update the driver{0}; or: {1}</source>
        <translation>Aktualisieren Sie den Treiber{0}; oder: {1}</translation>
    </message>
    <message>
        <source>Use one of {0}, or {1}.</source>
        <translation>Nehmen Sie eines von {0}, oder {1}.</translation>
    </message>
    <message>
        <source>Use one of {0}.</source>
        <translation>Nehmen Sie eines von {0}.</translation>
    </message>
    <message>
        <source>Use one that ends in .mp4, .mov, .mkv; a folder is for photos.</source>
        <translation>Nehmen Sie einen, der auf .mp4, .mov oder .mkv endet; ein Ordner ist für Fotos.</translation>
    </message>
    <message>
        <source>Use one that ends in {0}.</source>
        <translation>Nehmen Sie einen, der auf {0} endet.</translation>
    </message>
    <message>
        <source>Use screen:1 to screen:{0}, or screen:0 for all.</source>
        <translation>Nehmen Sie screen:1 bis screen:{0}, oder screen:0 für alle.</translation>
    </message>
    <message>
        <source>Wait for it to end.</source>
        <translation>Warten Sie, bis er fertig ist.</translation>
    </message>
    <message>
        <source>Wait for the first pictures.</source>
        <translation>Warten Sie auf die ersten Bilder.</translation>
    </message>
    <message>
        <source>What there is of it is recovered at the next start.</source>
        <translation>Was davon da ist, wird beim nächsten Start gerettet.</translation>
    </message>
    <message>
        <source>What was recorded until then is kept.</source>
        <translation>Was bis dahin aufgenommen war, bleibt.</translation>
    </message>
    <message>
        <source>What {0} says of score thresholds is damaged ({1}).</source>
        <translation>Was {0} über Schwellen sagt, ist beschädigt ({1}).</translation>
    </message>
    <message>
        <source>With an Intel GPU in this machine, install its compute runtime (on Debian and Ubuntu: apt install intel-opencl-icd); without one, nothing to mend.</source>
        <translation>Mit einer Intel-GPU in diesem Rechner installieren Sie deren Compute-Runtime (unter Debian und Ubuntu: apt install intel-opencl-icd); ohne eine ist nichts zu tun.</translation>
    </message>
    <message>
        <source>With an NVIDIA GPU in this machine, install its driver{0}; without one, there is nothing to mend.</source>
        <translation>Mit einer NVIDIA-GPU in diesem Rechner installieren Sie deren Treiber{0}; ohne eine ist nichts zu tun.</translation>
    </message>
    <message>
        <source>Write one name a line, as UTF-8.</source>
        <translation>Schreiben Sie einen Namen je Zeile, als UTF-8.</translation>
    </message>
    <message>
        <source>You are not allowed to use {0}.</source>
        <translation>Sie dürfen {0} nicht benutzen.</translation>
    </message>
    <message>
        <source>it does not take a model whose zero points are unsigned, as the int8 copy&apos;s are</source>
        <translation>es nimmt kein Modell, dessen Nullpunkte ohne Vorzeichen sind, wie die der int8-Fassung</translation>
    </message>
    <message>
        <source>no NVIDIA driver was found</source>
        <translation>kein NVIDIA-Treiber wurde gefunden</translation>
    </message>
    <message>
        <source>none of this network&apos;s nodes run there</source>
        <translation>kein Knoten dieses Netzes läuft dort</translation>
    </message>
    <message>
        <source>the NVIDIA driver supports CUDA {0}.{1}, and this ONNX Runtime needs CUDA {2}</source>
        <translation>der NVIDIA-Treiber kann CUDA {0}.{1}, und diese ONNX Runtime braucht CUDA {2}</translation>
    </message>
    <message>
        <source>this ONNX Runtime was built without CUDA</source>
        <translation>diese ONNX Runtime wurde ohne CUDA gebaut</translation>
    </message>
    <message>
        <source>this ONNX Runtime was built without Core ML</source>
        <translation>diese ONNX Runtime wurde ohne Core ML gebaut</translation>
    </message>
    <message>
        <source>this ONNX Runtime was built without DirectML</source>
        <translation>diese ONNX Runtime wurde ohne DirectML gebaut</translation>
    </message>
    <message>
        <source>this ONNX Runtime was built without TensorRT</source>
        <translation>diese ONNX Runtime wurde ohne TensorRT gebaut</translation>
    </message>
    <message>
        <source>{0} also takes {1} {2} {3}, and nobody knows what that is.</source>
        <translation>{0} nimmt auch {1} {2} {3}, und niemand weiß, was das ist.</translation>
    </message>
    <message>
        <source>{0} answers boxes {1} and scores {2} for its {3} class names.</source>
        <translation>{0} antwortet Rahmen {1} und Werte {2} für seine {3} Klassennamen.</translation>
    </message>
    <message>
        <source>{0} answers with what is not a number.</source>
        <translation>{0} antwortet mit etwas, das keine Zahl ist.</translation>
    </message>
    <message>
        <source>{0} are both installed and share one folder, so whichever came last has overwritten the other</source>
        <translation>{0} sind beide installiert und teilen sich einen Ordner, sodass das letzte das andere überschrieben hat</translation>
    </message>
    <message>
        <source>{0} broke off.</source>
        <translation>{0} brach ab.</translation>
    </message>
    <message>
        <source>{0} cannot be had: {1}.</source>
        <translation>{0} ist nicht zu haben: {1}.</translation>
    </message>
    <message>
        <source>{0} cannot be loaded as an ONNX model.</source>
        <translation>{0} lässt sich nicht als ONNX-Modell laden.</translation>
    </message>
    <message>
        <source>{0} cannot be opened: another program seems to be using it.</source>
        <translation>{0} lässt sich nicht öffnen: Ein anderes Programm scheint sie zu benutzen.</translation>
    </message>
    <message>
        <source>{0} cannot be opened: {1}.</source>
        <translation>{0} lässt sich nicht öffnen: {1}.</translation>
    </message>
    <message>
        <source>{0} cannot be read and is left out.</source>
        <translation>{0} kann nicht gelesen werden und wird ausgelassen.</translation>
    </message>
    <message>
        <source>{0} cannot be written: {1}.</source>
        <translation>{0} lässt sich nicht schreiben: {1}.</translation>
    </message>
    <message>
        <source>{0} could not be replaced: {1}.</source>
        <translation>{0} konnte nicht ersetzt werden: {1}.</translation>
    </message>
    <message>
        <source>{0} counts {1}, a class that the model does not have.</source>
        <translation>{0} zählt {1}, eine Klasse, die das Modell nicht hat.</translation>
    </message>
    <message>
        <source>{0} damaged pieces of its sound were left out.</source>
        <translation>{0} beschädigte Stücke des Tons wurden weggelassen.</translation>
    </message>
    <message>
        <source>{0} does not let us in.</source>
        <translation>{0} lässt uns nicht hinein.</translation>
    </message>
    <message>
        <source>{0} does not run ({1}).</source>
        <translation>{0} läuft nicht ({1}).</translation>
    </message>
    <message>
        <source>{0} does not run.</source>
        <translation>{0} läuft nicht.</translation>
    </message>
    <message>
        <source>{0} does not speak the Open Inference Protocol ({1}).</source>
        <translation>{0} spricht nicht das Open Inference Protocol ({1}).</translation>
    </message>
    <message>
        <source>{0} gives no more pictures.</source>
        <translation>{0} liefert keine Bilder mehr.</translation>
    </message>
    <message>
        <source>{0} gives no pictures: it is another part of a camera, or none.</source>
        <translation>{0} liefert keine Bilder: Es ist ein anderer Teil einer Kamera oder keine.</translation>
    </message>
    <message>
        <source>{0} has an input size of {1} x {2}.</source>
        <translation>{0} hat eine Eingabegröße von {1} x {2}.</translation>
    </message>
    <message>
        <source>{0} has format {1}, but this version reads {2}.</source>
        <translation>{0} hat Format {1}, aber diese Version liest {2}.</translation>
    </message>
    <message>
        <source>{0} has no class {1} to look for.</source>
        <translation>{0} hat keine Klasse {1}, nach der zu suchen wäre.</translation>
    </message>
    <message>
        <source>{0} has no model called {1} (it says {2}).</source>
        <translation>{0} hat kein Modell namens {1} (es sagt {2}).</translation>
    </message>
    <message>
        <source>{0} has no picture.</source>
        <translation>{0} hat kein Bild.</translation>
    </message>
    <message>
        <source>{0} has sound, but no picture.</source>
        <translation>{0} hat Ton, aber kein Bild.</translation>
    </message>
    <message>
        <source>{0} holds no frame.</source>
        <translation>{0} enthält kein Bild.</translation>
    </message>
    <message>
        <source>{0} is a device or a socket, not a video.</source>
        <translation>{0} ist ein Gerät oder ein Socket, kein Video.</translation>
    </message>
    <message>
        <source>{0} is a folder, not a model.</source>
        <translation>{0} ist ein Ordner, kein Modell.</translation>
    </message>
    <message>
        <source>{0} is a folder, not a video.</source>
        <translation>{0} ist ein Ordner, kein Video.</translation>
    </message>
    <message>
        <source>{0} is a folder.</source>
        <translation>{0} ist ein Ordner.</translation>
    </message>
    <message>
        <source>{0} is an ONNX file, but not a MobileNet-SSD of ours.</source>
        <translation>{0} ist eine ONNX-Datei, aber kein MobileNet-SSD von uns.</translation>
    </message>
    <message>
        <source>{0} is an ONNX file, but takes no picture: it takes {1}.</source>
        <translation>{0} ist eine ONNX-Datei, nimmt aber kein Bild: Sie nimmt {1}.</translation>
    </message>
    <message>
        <source>{0} is an ONNX file, but {1}: it takes {2} and answers {3}.</source>
        <translation>{0} ist eine ONNX-Datei, aber {1}: Sie nimmt {2} und antwortet {3}.</translation>
    </message>
    <message>
        <source>{0} is being written by another export.</source>
        <translation>{0} wird gerade von einem anderen Export geschrieben.</translation>
    </message>
    <message>
        <source>{0} is empty.</source>
        <translation>{0} ist leer.</translation>
    </message>
    <message>
        <source>{0} is in a format that cannot be decoded here.</source>
        <translation>{0} hat ein Format, das hier nicht dekodiert werden kann.</translation>
    </message>
    <message>
        <source>{0} is in use.</source>
        <translation>{0} ist belegt.</translation>
    </message>
    <message>
        <source>{0} is no recording of ours.</source>
        <translation>{0} ist keine Aufnahme von uns.</translation>
    </message>
    <message>
        <source>{0} is not a name for a clip.</source>
        <translation>{0} ist kein Name für einen Clip.</translation>
    </message>
    <message>
        <source>{0} is not a name for a recording.</source>
        <translation>{0} ist kein Name für eine Aufnahme.</translation>
    </message>
    <message>
        <source>{0} is not a video that can be played, or is damaged.</source>
        <translation>{0} ist kein spielbares Video oder ist beschädigt.</translation>
    </message>
    <message>
        <source>{0} is not complete: {1} cannot be loaded</source>
        <translation>{0} ist unvollständig: {1} kann nicht geladen werden</translation>
    </message>
    <message>
        <source>{0} is not plugged in.</source>
        <translation>{0} ist nicht angeschlossen.</translation>
    </message>
    <message>
        <source>{0} is the original, and was left alone.</source>
        <translation>{0} ist das Original und blieb unberührt.</translation>
    </message>
    <message>
        <source>{0} is the video itself, and was left alone.</source>
        <translation>{0} ist das Video selbst und blieb unangetastet.</translation>
    </message>
    <message>
        <source>{0} is the video that is played, and was left alone.</source>
        <translation>{0} ist das Video, das gespielt wird, und blieb unberührt.</translation>
    </message>
    <message>
        <source>{0} is there already and is not ours.</source>
        <translation>{0} gibt es schon und stammt nicht von hier.</translation>
    </message>
    <message>
        <source>{0} is there already and was left alone.</source>
        <translation>{0} gibt es schon und blieb unberührt.</translation>
    </message>
    <message>
        <source>{0} knows {1} classes, and there are {2} class names for it.</source>
        <translation>{0} kennt {1} Klassen, und es gibt {2} Klassennamen dafür.</translation>
    </message>
    <message>
        <source>{0} may not be read.</source>
        <translation>{0} darf nicht gelesen werden.</translation>
    </message>
    <message>
        <source>{0} of the network&apos;s nodes run there, and the rest on the CPU</source>
        <translation>{0} der Knoten des Netzes laufen dort, der Rest auf der CPU</translation>
    </message>
    <message>
        <source>{0} of this machine knows other classes.</source>
        <translation>{0} auf diesem Rechner kennt andere Klassen.</translation>
    </message>
    <message>
        <source>{0} sends no picture: the USB bus may be full (another port, a smaller size or MJPG helps).</source>
        <translation>{0} sendet kein Bild: Der USB-Bus ist vielleicht voll (ein anderer Anschluss, ein kleineres Bild oder MJPG hilft).</translation>
    </message>
    <message>
        <source>{0} takes pictures of {1}, where no side is 3 colours.</source>
        <translation>{0} nimmt Bilder von {1}, wo keine Seite 3 Farben hat.</translation>
    </message>
    <message>
        <source>{0} takes {1} pictures at a time.</source>
        <translation>{0} nimmt {1} Bilder auf einmal.</translation>
    </message>
    <message>
        <source>{0} wants a user name and a password.</source>
        <translation>{0} verlangt Benutzernamen und Passwort.</translation>
    </message>
    <message>
        <source>{0} wants {1} pictures, not &apos;BGR&apos;.</source>
        <translation>{0} will {1}-Bilder, nicht „BGR“.</translation>
    </message>
    <message>
        <source>{0} was made from another video of that name and was left alone.</source>
        <translation>{0} entstand aus einem anderen Video dieses Namens und blieb unangetastet.</translation>
    </message>
    <message>
        <source>{0} was made from another video.</source>
        <translation>{0} wurde aus einem anderen Video gemacht.</translation>
    </message>
    <message>
        <source>{0} was made with other settings and was left alone.</source>
        <translation>{0} entstand mit anderen Einstellungen und blieb unangetastet.</translation>
    </message>
    <message>
        <source>{0} was unplugged.</source>
        <translation>{0} wurde abgezogen.</translation>
    </message>
    <message>
        <source>{0}, where what is found would go, is there already and was left alone.</source>
        <translation>{0}, wohin das Gefundene käme, gibt es schon und blieb unberührt.</translation>
    </message>
    <message>
        <source>{0}:// is no kind of address that can be opened.</source>
        <translation>{0}:// ist keine Art von Adresse, die sich öffnen lässt.</translation>
    </message>
    <message>
        <source>{0}.</source>
        <translation>{0}.</translation>
    </message>
</context>
<context>
    <name>SettingsHistory</name>
    <message>
        <source>Undone: {0}</source>
        <translation>Rückgängig: {0}</translation>
    </message>
    <message>
        <source>Done again: {0}</source>
        <translation>Wiederhergestellt: {0}</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
</context>
<context>
    <name>SidePanel</name>
    <message>
        <source>Side panel</source>
        <translation>Seitenleiste</translation>
    </message>
</context>
<context>
    <name>Situations</name>
    <message>
        <source>What do you want to watch?</source>
        <translation>Was möchten Sie ansehen?</translation>
    </message>
    <message>
        <source>Drop a video, photos, a folder or an address anywhere on this window.</source>
        <translation>Ziehen Sie ein Video, Fotos, einen Ordner oder eine Adresse irgendwo auf dieses Fenster.</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>Keine Kamera gefunden</translation>
    </message>
    <message>
        <source>Plug one in and it appears here. Or watch a video: drop one, or an address, anywhere on this window.</source>
        <translation>Schließen Sie eine an, dann erscheint sie hier. Oder sehen Sie ein Video an: Ziehen Sie eines oder eine Adresse auf dieses Fenster.</translation>
    </message>
    <message>
        <source>Go on with {0}</source>
        <translation>Weiter mit {0}</translation>
    </message>
    <message>
        <source>Play the street clip</source>
        <translation>Straßenclip abspielen</translation>
    </message>
    <message>
        <source>Opening {0}</source>
        <translation>{0} wird geöffnet</translation>
    </message>
    <message>
        <source>The detector is loaded meanwhile.</source>
        <translation>Der Detektor wird inzwischen geladen.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Use the CPU instead</source>
        <translation>Stattdessen die CPU</translation>
    </message>
    <message>
        <source>Loading the detector</source>
        <translation>Der Detektor wird geladen</translation>
    </message>
    <message>
        <source>{0} is made ready.</source>
        <translation>{0} wird vorbereitet.</translation>
    </message>
    <message>
        <source> The first time can take a minute.</source>
        <translation> Beim ersten Mal kann es eine Minute dauern.</translation>
    </message>
    <message>
        <source>Something went wrong that should not have</source>
        <translation>Etwas ging schief, das nicht schiefgehen sollte</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Use the CPU</source>
        <translation>CPU verwenden</translation>
    </message>
    <message>
        <source>This may help:</source>
        <translation>Das kann helfen:</translation>
    </message>
    <message>
        <source>Build it from the bundled weights</source>
        <translation>Aus mitgelieferten Gewichten bauen</translation>
    </message>
    <message>
        <source>Open model…</source>
        <translation>Modell öffnen…</translation>
    </message>
    <message>
        <source>It takes about a minute, once. Or run this in a terminal:</source>
        <translation>Es dauert einmalig etwa eine Minute. Oder führen Sie dies in einem Terminal aus:</translation>
    </message>
    <message>
        <source>Use the bundled model</source>
        <translation>Mitgeliefertes Modell verwenden</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Beginnt…</translation>
    </message>
    <message>
        <source>Build again</source>
        <translation>Noch einmal bauen</translation>
    </message>
    <message>
        <source>The model was not built</source>
        <translation>Das Modell wurde nicht gebaut</translation>
    </message>
    <message>
        <source>It was cancelled.</source>
        <translation>Es wurde abgebrochen.</translation>
    </message>
    <message>
        <source>Building the model</source>
        <translation>Das Modell wird gebaut</translation>
    </message>
</context>
<context>
    <name>SoundControls</name>
    <message>
        <source>Volume</source>
        <translation>Lautstärke</translation>
    </message>
    <message>
        <source>Which of its sounds is heard</source>
        <translation>Welche seiner Tonspuren zu hören ist</translation>
    </message>
    <message>
        <source>Sound track</source>
        <translation>Tonspur</translation>
    </message>
    <message>
        <source>Volume {0} %</source>
        <translation>Lautstärke {0} %</translation>
    </message>
    <message>
        <source>Track {0}</source>
        <translation>Spur {0}</translation>
    </message>
</context>
<context>
    <name>SourceSection</name>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>What to ask of the camera; it may grant less</source>
        <translation>Was von der Kamera verlangt wird; sie kann weniger geben</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>Modus</translation>
    </message>
    <message>
        <source>File…</source>
        <translation>Datei…</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>Ordner…</translation>
    </message>
    <message>
        <source>Address…</source>
        <translation>Adresse…</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Auswählen…</translation>
    </message>
    <message>
        <source>None found</source>
        <translation>Keine gefunden</translation>
    </message>
    <message>
        <source>Nothing is open</source>
        <translation>Nichts ist offen</translation>
    </message>
    <message>
        <source>Drop a video, photos or an address here.</source>
        <translation>Ziehen Sie ein Video, Fotos oder eine Adresse hierher.</translation>
    </message>
    <message>
        <source>{0} x {1}</source>
        <translation>{0} x {1}</translation>
    </message>
    <message>
        <source>{0} photos</source>
        <translation>{0} Fotos</translation>
    </message>
    <message>
        <source>{0} fps</source>
        <translation>{0} fps</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
</context>
<context>
    <name>StatePage</name>
    <message>
        <source>Please wait</source>
        <translation>Bitte warten</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Einzelheiten kopieren</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>Hidden: {0}</source>
        <translation>Verdeckt: {0}</translation>
    </message>
    <message>
        <source>In the window, in recordings and in snapshots (panel, Hiding)</source>
        <translation>Im Fenster, in Aufnahmen und in Fotos (Seitenleiste, Verdecken)</translation>
    </message>
    <message>
        <source>Live: {0} fps</source>
        <translation>Live: {0} fps</translation>
    </message>
    <message>
        <source>File: {0} fps</source>
        <translation>Datei: {0} fps</translation>
    </message>
    <message>
        <source>{0} ms delay</source>
        <translation>{0} ms Verzug</translation>
    </message>
    <message>
        <source>The camera gives {0} frames a second</source>
        <translation>Die Kamera liefert {0} Bilder je Sekunde</translation>
    </message>
    <message>
        <source>The file gives {0} frames a second</source>
        <translation>Die Datei liefert {0} Bilder je Sekunde</translation>
    </message>
    <message>
        <source>The detector finishes {0}</source>
        <translation>Der Detektor schafft {0}</translation>
    </message>
    <message>
        <source>The window shows {0}</source>
        <translation>Das Fenster zeigt {0}</translation>
    </message>
    <message>
        <source>From the source to the screen: {0} ms; one in twenty takes longer than {1} ms</source>
        <translation>Von der Quelle bis zum Bildschirm: {0} ms; eines von zwanzig braucht länger als {1} ms</translation>
    </message>
    <message>
        <source>Skipped, since a newer one was there: {0}</source>
        <translation>Übersprungen, weil ein neueres da war: {0}</translation>
    </message>
    <message>
        <source>All of it over time: Plots (P)</source>
        <translation>Alles im Verlauf: Diagramme (P)</translation>
    </message>
    <message>
        <source>  {0} lost</source>
        <translation>  {0} verloren</translation>
    </message>
    <message>
        <source>Nothing is recorded while what plays stands still.</source>
        <translation>Nichts wird aufgenommen, solange stillsteht, was spielt.</translation>
    </message>
    <message>
        <source>As long as the file is</source>
        <translation>So lang ist die Datei</translation>
    </message>
</context>
<context>
    <name>TakenQuestion</name>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Of {0} files, {1} would go where something else is.</source>
        <translation>Von {0} Dateien kämen {1} dorthin, wo schon etwas anderes ist.</translation>
    </message>
    <message>
        <source>It would go where something else is.</source>
        <translation>Es käme dorthin, wo schon etwas anderes ist.</translation>
    </message>
    <message>
        <source>And {0} more.</source>
        <translation>Und {0} weitere.</translation>
    </message>
    <message>
        <source>Free names: {0}</source>
        <translation>Freie Namen: {0}</translation>
    </message>
    <message>
        <source>Write under free names</source>
        <translation>Unter freien Namen schreiben</translation>
    </message>
    <message>
        <source>Leave those out</source>
        <translation>Diese auslassen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>ToolBar</name>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Open a camera</source>
        <translation>Eine Kamera öffnen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open a file, a folder or an address</source>
        <translation>Eine Datei, einen Ordner oder eine Adresse öffnen</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt</translation>
    </message>
    <message>
        <source>More: view, tools, help</source>
        <translation>Mehr: Ansicht, Werkzeuge, Hilfe</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Stop {0}</source>
        <translation>Stopp {0}</translation>
    </message>
</context>
<context>
    <name>TransportBar</name>
    <message>
        <source>Position and speed</source>
        <translation>Position und Tempo</translation>
    </message>
    <message>
        <source>How fast it plays</source>
        <translation>Wie schnell es spielt</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Photo</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>Position</translation>
    </message>
    <message>
        <source>Previous photo</source>
        <translation>Voriges Foto</translation>
    </message>
    <message>
        <source>Previous frame</source>
        <translation>Voriges Bild</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>Links</translation>
    </message>
    <message>
        <source>Next photo</source>
        <translation>Nächstes Foto</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Rechts</translation>
    </message>
    <message>
        <source>Click to type a number (Ctrl+G)</source>
        <translation>Klicken, um eine Nummer einzugeben (Strg+G)</translation>
    </message>
    <message>
        <source>Time and frame</source>
        <translation>Zeit und Bild</translation>
    </message>
    <message>
        <source>Click to type a time, or #1200 for a frame (Ctrl+G)</source>
        <translation>Klicken, um eine Zeit einzugeben, oder #1200 für ein Bild (Strg+G)</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>“{0}” is no time: type 1:23.5, 83.5 or, for a frame, #1200.</source>
        <translation>„{0}“ ist keine Zeit: 1:23,5 oder 83,5 eingeben, oder für ein Bild #1200.</translation>
    </message>
    <message>
        <source>“{0}” is no photo of these: type a number like 3.</source>
        <translation>„{0}“ ist keines dieser Fotos: eine Nummer wie 3 eingeben.</translation>
    </message>
</context>
<context>
    <name>VideoView</name>
    <message>
        <source>Video</source>
        <translation>Video</translation>
    </message>
    <message>
        <source>{0}x   0: whole picture</source>
        <translation>{0}x   0: ganzes Bild</translation>
    </message>
</context>
<context>
    <name>WindowParts</name>
    <message>
        <source>language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>From the next start on: {0}.</source>
        <translation>Ab dem nächsten Start: {0}.</translation>
    </message>
</context>
<context>
    <name>_Growth</name>
    <message>
        <source>time of the video</source>
        <translation>Zeit im Video</translation>
    </message>
</context>
<context>
    <name>_Panel</name>
    <message>
        <source>seconds ago</source>
        <translation>Sekunden zuvor</translation>
    </message>
</context>
<context>
    <name>_SliderName</name>
    <message>
        <source>Double click: as it was at first</source>
        <translation>Doppelklick: wie am Anfang</translation>
    </message>
</context>
</TS>
