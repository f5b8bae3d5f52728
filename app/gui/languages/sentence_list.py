"""Sentences of errors, to be translated; tools/languages writes them."""

from app.gui.languages.marking import QT_TRANSLATE_NOOP

# ruff: noqa: E501 - a sentence a line

SENTENCES = (
    QT_TRANSLATE_NOOP(
        "Sentences", "A Wayland desktop does not let programs see the screen."
    ),
    QT_TRANSLATE_NOOP("Sentences", "A file is called {0}, too."),
    QT_TRANSLATE_NOOP("Sentences", "A recording is already running."),
    QT_TRANSLATE_NOOP("Sentences", "A sound track in an unknown format was left out."),
    QT_TRANSLATE_NOOP("Sentences", "A sound track that begins late was left out."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "Add --device openvino, or choose a copy of the model (.int8, .fp16).",
    ),
    QT_TRANSLATE_NOOP("Sentences", "An earlier one, cut off, is in {0}."),
    QT_TRANSLATE_NOOP("Sentences", "Build it again with: python build_model.py"),
    QT_TRANSLATE_NOOP(
        "Sentences", "Check it, or open another camera, address or file."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Check its brackets: [ and ]."),
    QT_TRANSLATE_NOOP("Sentences", "Check its permissions."),
    QT_TRANSLATE_NOOP("Sentences", "Check the address."),
    QT_TRANSLATE_NOOP("Sentences", "Check the file's permissions."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Check the name, and that the camera is plugged in."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Check the name."),
    QT_TRANSLATE_NOOP("Sentences", "Check the network."),
    QT_TRANSLATE_NOOP("Sentences", "Check the pattern."),
    QT_TRANSLATE_NOOP("Sentences", "Check what was pasted."),
    QT_TRANSLATE_NOOP("Sentences", "Choose a file in it."),
    QT_TRANSLATE_NOOP("Sentences", "Choose a file."),
    QT_TRANSLATE_NOOP("Sentences", "Choose a model that detects objects in pictures."),
    QT_TRANSLATE_NOOP("Sentences", "Choose a model that takes colour pictures."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Choose a server that does: main.py serve, Triton, KServe."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "Choose a video such as .mp4, .mkv, .mov, .avi or .webm."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Choose an .onnx file."),
    QT_TRANSLATE_NOOP("Sentences", "Choose another device."),
    QT_TRANSLATE_NOOP("Sentences", "Choose another file; ONNX Runtime says: {0}"),
    QT_TRANSLATE_NOOP("Sentences", "Choose another folder or another name."),
    QT_TRANSLATE_NOOP("Sentences", "Choose another folder, or pass --overwrite."),
    QT_TRANSLATE_NOOP("Sentences", "Choose another folder."),
    QT_TRANSLATE_NOOP("Sentences", "Choose another model, or another device."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Choose another model, or export it with one input."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Choose another name, or pass --overwrite."),
    QT_TRANSLATE_NOOP("Sentences", "Choose another name."),
    QT_TRANSLATE_NOOP("Sentences", "Choose another one, or a video in it."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Choose one of letters and digits, the same on both sides."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Choose others: {0}."),
    QT_TRANSLATE_NOOP("Sentences", "Choose the float copy of the model."),
    QT_TRANSLATE_NOOP("Sentences", "Choose the float or fp16 copy of the model."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "Close that one, and check that the system lets this app use cameras. Or open a video file.",
    ),
    QT_TRANSLATE_NOOP("Sentences", "Convert it to H.264, with HandBrake for example."),
    QT_TRANSLATE_NOOP("Sentences", "Create it, or choose another."),
    QT_TRANSLATE_NOOP("Sentences", "Delete it to start from the defaults."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Export it for one picture (batch size 1), or for any number."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Give a camera's number, a file or an address."),
    QT_TRANSLATE_NOOP("Sentences", "Go to another folder, and ask again."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "In it, write %2F for / in the password, %3F for ?, %23 for #, and %40 for each @ but the one before the host.",
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "Install it with: pip install -r requirements-sound.txt"
    ),
    QT_TRANSLATE_NOOP("Sentences", "Is it running, and is the port right?"),
    QT_TRANSLATE_NOOP("Sentences", "It can be sent back instead."),
    QT_TRANSLATE_NOOP(
        "Sentences", "It has no sound where the video was not played in one go."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "It has no sound, because {0} cannot be read any more."
    ),
    QT_TRANSLATE_NOOP("Sentences", "It has no sound: {0}."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "It is still kept. Make room, or choose another folder, and try again.",
    ),
    QT_TRANSLATE_NOOP("Sentences", "It looks like http://host:8000/v2/models/NAME."),
    QT_TRANSLATE_NOOP("Sentences", "It was left as it is."),
    QT_TRANSLATE_NOOP(
        "Sentences", "It was left as it was recorded, in pieces and without sound: {0}."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "It was not switched; choose another device or model."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Its classes are {0}."),
    QT_TRANSLATE_NOOP("Sentences", "Its sidecar could not be written."),
    QT_TRANSLATE_NOOP("Sentences", "Its sound breaks off, as that of the original."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "Its {0} sound was encoded anew, as AAC, which is played everywhere.",
    ),
    QT_TRANSLATE_NOOP("Sentences", "Its {0} sound was left out: it cannot be encoded."),
    QT_TRANSLATE_NOOP("Sentences", "Known are: {0} and our own; see docs/models.md."),
    QT_TRANSLATE_NOOP("Sentences", "Leave it alone."),
    QT_TRANSLATE_NOOP("Sentences", "Leave out --strict, or choose another device."),
    QT_TRANSLATE_NOOP("Sentences", "Let the camera or server send H.264."),
    QT_TRANSLATE_NOOP("Sentences", "Line {0} of the sidecar {1} is bad: {2}."),
    QT_TRANSLATE_NOOP("Sentences", "Log in with an X11 (Xorg) session."),
    QT_TRANSLATE_NOOP("Sentences", "Look at the server."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Look up the name; it stands behind /v2/models/ in the address."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "Look whether its server runs; with --meanwhile this machine steps in.",
    ),
    QT_TRANSLATE_NOOP("Sentences", "Make it again with: python main.py export"),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "Make one from your weights with: python build_model.py convert WEIGHTS",
    ),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "Make one with: python build_model.py fetch voc0712 (or convert WEIGHTS), or choose another.",
    ),
    QT_TRANSLATE_NOOP("Sentences", "Make room."),
    QT_TRANSLATE_NOOP("Sentences", "Mend it, or delete it to start from the defaults."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Mend that line; docs/counting.md shows a whole file."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "Mend the file of names beside it, or its metadata."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "Mend them; docs/counting.md and docs/watching.md show whole files.",
    ),
    QT_TRANSLATE_NOOP("Sentences", "Name a device, for example: --device cuda"),
    QT_TRANSLATE_NOOP("Sentences", "Name a file in it."),
    QT_TRANSLATE_NOOP("Sentences", "Name another model, or build it again."),
    QT_TRANSLATE_NOOP("Sentences", "Name it with --source."),
    QT_TRANSLATE_NOOP("Sentences", "Name one of them: {0}."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Name one that knows the same: --meanwhile-model M.onnx."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Name the one it belongs to with --source."),
    QT_TRANSLATE_NOOP("Sentences", "No model server answers at {0} ({1})."),
    QT_TRANSLATE_NOOP(
        "Sentences", "No sound device can be opened, so nothing is heard."
    ),
    QT_TRANSLATE_NOOP("Sentences", "No source was named."),
    QT_TRANSLATE_NOOP("Sentences", "Nothing comes out of the pipe {0}."),
    QT_TRANSLATE_NOOP("Sentences", "Nothing is kept of a file."),
    QT_TRANSLATE_NOOP("Sentences", "Nothing is kept that could be replayed."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Nothing is playing, so there is nothing to record."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Nothing matches {0}."),
    QT_TRANSLATE_NOOP("Sentences", "ONNX Runtime could not start it{0}"),
    QT_TRANSLATE_NOOP(
        "Sentences", "On {0}, {1} sees something else: {2} % of the boxes agree."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Only OpenVINO can be told its precision."),
    QT_TRANSLATE_NOOP("Sentences", "Open a camera or a file first."),
    QT_TRANSLATE_NOOP("Sentences", "Open a camera or a video file instead."),
    QT_TRANSLATE_NOOP("Sentences", "Open it alone."),
    QT_TRANSLATE_NOOP("Sentences", "OpenVINO does not start ({0})"),
    QT_TRANSLATE_NOOP("Sentences", "OpenVINO finds no CPU that it knows"),
    QT_TRANSLATE_NOOP("Sentences", "OpenVINO finds no Intel GPU"),
    QT_TRANSLATE_NOOP("Sentences", "OpenVINO is not installed"),
    QT_TRANSLATE_NOOP("Sentences", "Plug it in again."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Plug it in, or open another camera or a video file."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Plug one in, and open the file again."),
    QT_TRANSLATE_NOOP("Sentences", "Put its token into the variable {0}."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Put them into the address: {0}://name:password@{1}"
    ),
    QT_TRANSLATE_NOOP("Sentences", "Reinstall the av package."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Replays are of cameras and streams that play; a file is its own."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "Run: sudo usermod -aG video $USER, then log out and in again."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Save them as UTF-8."),
    QT_TRANSLATE_NOOP("Sentences", "Screen"),
    QT_TRANSLATE_NOOP("Sentences", "Several cameras are called {0}."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Several files at once must be photos, and {0} is none."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Sound is not heard: miniaudio is not installed."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Start the program that writes into it, or open a file."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Stop it first."),
    QT_TRANSLATE_NOOP("Sentences", "Strictly what, is not said."),
    QT_TRANSLATE_NOOP("Sentences", "TensorRT 10 is not installed"),
    QT_TRANSLATE_NOOP("Sentences", "Test camera"),
    QT_TRANSLATE_NOOP("Sentences", "Test pattern"),
    QT_TRANSLATE_NOOP("Sentences", "That is no address of a model."),
    QT_TRANSLATE_NOOP("Sentences", "That is no name of anything."),
    QT_TRANSLATE_NOOP("Sentences", "The address cannot be understood."),
    QT_TRANSLATE_NOOP("Sentences", "The class names in {0} are damaged."),
    QT_TRANSLATE_NOOP("Sentences", "The class names in {0} cannot be read."),
    QT_TRANSLATE_NOOP("Sentences", "The clip {0} cannot be written: {1}."),
    QT_TRANSLATE_NOOP("Sentences", "The clip {0} could not be finished: {1}."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "The disk is nearly full, so {0} is not recorded any further ({1} MB are left).",
    ),
    QT_TRANSLATE_NOOP("Sentences", "The folder {0} may not be read."),
    QT_TRANSLATE_NOOP("Sentences", "The metadata of {0} is damaged ({1})."),
    QT_TRANSLATE_NOOP("Sentences", "The photos are in {0}."),
    QT_TRANSLATE_NOOP("Sentences", "The recording {0} was ended: {1}."),
    QT_TRANSLATE_NOOP("Sentences", "The replay cannot be saved to {0}: {1}."),
    QT_TRANSLATE_NOOP("Sentences", "The rules {0} are no JSON (line {1}: {2})."),
    QT_TRANSLATE_NOOP("Sentences", "The rules {0} are no text in UTF-8."),
    QT_TRANSLATE_NOOP("Sentences", "The rules {0} are wrong: {1}."),
    QT_TRANSLATE_NOOP("Sentences", "The rules {0} cannot be read ({1})."),
    QT_TRANSLATE_NOOP("Sentences", "The screen can no longer be seen."),
    QT_TRANSLATE_NOOP("Sentences", "The settings file {0} cannot be read ({1})."),
    QT_TRANSLATE_NOOP("Sentences", "The settings file {0} holds a bad value: {1}."),
    QT_TRANSLATE_NOOP("Sentences", "The sidecar {0} cannot be read."),
    QT_TRANSLATE_NOOP("Sentences", "The snapshot {0} cannot be written: {1}."),
    QT_TRANSLATE_NOOP("Sentences", "The test camera does not open."),
    QT_TRANSLATE_NOOP("Sentences", "The test camera has lost its connection."),
    QT_TRANSLATE_NOOP("Sentences", "The test camera is in use by another app."),
    QT_TRANSLATE_NOOP("Sentences", "The test camera knows no fault called {0}."),
    QT_TRANSLATE_NOOP("Sentences", "The test camera was unplugged."),
    QT_TRANSLATE_NOOP("Sentences", "The token in {0} is more than one line of text."),
    QT_TRANSLATE_NOOP(
        "Sentences", "The unfinished recording {0} cannot be recovered: {1}."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "The video that {0} was made from is not here: {1}."
    ),
    QT_TRANSLATE_NOOP("Sentences", "There are no photos in the folder {0}."),
    QT_TRANSLATE_NOOP("Sentences", "There is no camera and no file called {0}."),
    QT_TRANSLATE_NOOP("Sentences", "There is no file {0}."),
    QT_TRANSLATE_NOOP("Sentences", "There is no folder {0}."),
    QT_TRANSLATE_NOOP("Sentences", "There is no model file {0}."),
    QT_TRANSLATE_NOOP("Sentences", "There is no monitor {0}."),
    QT_TRANSLATE_NOOP("Sentences", "There is no screen here."),
    QT_TRANSLATE_NOOP("Sentences", "There is nothing to replay yet."),
    QT_TRANSLATE_NOOP("Sentences", "This FFmpeg can write no video."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Try another port, or ask for less: NAME@640x480/15/MJPG."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Unplug it and plug it in again."),
    QT_TRANSLATE_NOOP("Sentences", "Update the driver{0}"),
    QT_TRANSLATE_NOOP("Sentences", "Update the driver{0}; or: {1}"),
    QT_TRANSLATE_NOOP("Sentences", "Use one of {0}, or {1}."),
    QT_TRANSLATE_NOOP("Sentences", "Use one of {0}."),
    QT_TRANSLATE_NOOP(
        "Sentences", "Use one that ends in .mp4, .mov, .mkv; a folder is for photos."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Use one that ends in {0}."),
    QT_TRANSLATE_NOOP("Sentences", "Use screen:1 to screen:{0}, or screen:0 for all."),
    QT_TRANSLATE_NOOP("Sentences", "Wait for it to end."),
    QT_TRANSLATE_NOOP("Sentences", "Wait for the first pictures."),
    QT_TRANSLATE_NOOP(
        "Sentences", "What there is of it is recovered at the next start."
    ),
    QT_TRANSLATE_NOOP("Sentences", "What was recorded until then is kept."),
    QT_TRANSLATE_NOOP(
        "Sentences", "What {0} says of score thresholds is damaged ({1})."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "With an Intel GPU in this machine, install its compute runtime (on Debian and Ubuntu: apt install intel-opencl-icd); without one, nothing to mend.",
    ),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "With an NVIDIA GPU in this machine, install its driver{0}; without one, there is nothing to mend.",
    ),
    QT_TRANSLATE_NOOP("Sentences", "Write one name a line, as UTF-8."),
    QT_TRANSLATE_NOOP("Sentences", "You are not allowed to use {0}."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "it does not take a model whose zero points are unsigned, as the int8 copy's are",
    ),
    QT_TRANSLATE_NOOP("Sentences", "no NVIDIA driver was found"),
    QT_TRANSLATE_NOOP("Sentences", "none of this network's nodes run there"),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "the NVIDIA driver supports CUDA {0}.{1}, and this ONNX Runtime needs CUDA {2}",
    ),
    QT_TRANSLATE_NOOP("Sentences", "this ONNX Runtime was built without CUDA"),
    QT_TRANSLATE_NOOP("Sentences", "this ONNX Runtime was built without Core ML"),
    QT_TRANSLATE_NOOP("Sentences", "this ONNX Runtime was built without DirectML"),
    QT_TRANSLATE_NOOP("Sentences", "this ONNX Runtime was built without TensorRT"),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} also takes {1} {2} {3}, and nobody knows what that is."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} answers boxes {1} and scores {2} for its {3} class names."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} answers with what is not a number."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "{0} are both installed and share one folder, so whichever came last has overwritten the other",
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} broke off."),
    QT_TRANSLATE_NOOP("Sentences", "{0} cannot be had: {1}."),
    QT_TRANSLATE_NOOP("Sentences", "{0} cannot be loaded as an ONNX model."),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} cannot be opened: another program seems to be using it."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} cannot be opened: {1}."),
    QT_TRANSLATE_NOOP("Sentences", "{0} cannot be read and is left out."),
    QT_TRANSLATE_NOOP("Sentences", "{0} cannot be written: {1}."),
    QT_TRANSLATE_NOOP("Sentences", "{0} could not be replaced: {1}."),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} counts {1}, a class that the model does not have."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} damaged pieces of its sound were left out."),
    QT_TRANSLATE_NOOP("Sentences", "{0} does not let us in."),
    QT_TRANSLATE_NOOP("Sentences", "{0} does not run ({1})."),
    QT_TRANSLATE_NOOP("Sentences", "{0} does not run."),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} does not speak the Open Inference Protocol ({1})."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} gives no more pictures."),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} gives no pictures: it is another part of a camera, or none."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} has an input size of {1} x {2}."),
    QT_TRANSLATE_NOOP("Sentences", "{0} has format {1}, but this version reads {2}."),
    QT_TRANSLATE_NOOP("Sentences", "{0} has no class {1} to look for."),
    QT_TRANSLATE_NOOP("Sentences", "{0} has no model called {1} (it says {2})."),
    QT_TRANSLATE_NOOP("Sentences", "{0} has no picture."),
    QT_TRANSLATE_NOOP("Sentences", "{0} has sound, but no picture."),
    QT_TRANSLATE_NOOP("Sentences", "{0} holds no frame."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is a device or a socket, not a video."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is a folder, not a model."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is a folder, not a video."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is a folder."),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} is an ONNX file, but not a MobileNet-SSD of ours."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} is an ONNX file, but takes no picture: it takes {1}."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} is an ONNX file, but {1}: it takes {2} and answers {3}."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} is being written by another export."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is empty."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is in a format that cannot be decoded here."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is in use."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is no recording of ours."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is not a name for a clip."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is not a name for a recording."),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} is not a video that can be played, or is damaged."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} is not complete: {1} cannot be loaded"),
    QT_TRANSLATE_NOOP("Sentences", "{0} is not plugged in."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is the original, and was left alone."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is the video itself, and was left alone."),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} is the video that is played, and was left alone."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} is there already and is not ours."),
    QT_TRANSLATE_NOOP("Sentences", "{0} is there already and was left alone."),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} knows {1} classes, and there are {2} class names for it."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} may not be read."),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} of the network's nodes run there, and the rest on the CPU"
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} of this machine knows other classes."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "{0} sends no picture: the USB bus may be full (another port, a smaller size or MJPG helps).",
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} takes pictures of {1}, where no side is 3 colours."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} takes {1} pictures at a time."),
    QT_TRANSLATE_NOOP("Sentences", "{0} wants a user name and a password."),
    QT_TRANSLATE_NOOP("Sentences", "{0} wants {1} pictures, not 'BGR'."),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} was made from another video of that name and was left alone."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} was made from another video."),
    QT_TRANSLATE_NOOP(
        "Sentences", "{0} was made with other settings and was left alone."
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0} was unplugged."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "{0}, where what is found would go, is there already and was left alone.",
    ),
    QT_TRANSLATE_NOOP("Sentences", "{0}:// is no kind of address that can be opened."),
)
