"""The few messages of caffe.proto that weights need, defined here.

Source: caffe.proto of BVLC/caffe: `NetParameter`, `LayerParameter`,
`V1LayerParameter` (before 2014), `BlobProto`, `BlobShape`; field numbers are theirs,
and fields that are left out here are skipped in reading.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_KINDS = {
    "int32": _Field.TYPE_INT32,
    "int64": _Field.TYPE_INT64,
    "float": _Field.TYPE_FLOAT,
    "double": _Field.TYPE_DOUBLE,
    "string": _Field.TYPE_STRING,
}
# message: (number, kind, name); "*" in front means repeated, "+" repeated and packed
_MESSAGES = {
    "BlobShape": ((1, "+int64", "dim"),),
    "BlobProto": (
        (1, "int32", "num"),
        (2, "int32", "channels"),
        (3, "int32", "height"),
        (4, "int32", "width"),
        (5, "+float", "data"),
        (7, "BlobShape", "shape"),
        (8, "+double", "double_data"),
    ),
    "LayerParameter": (
        (1, "string", "name"),
        (2, "string", "type"),
        (7, "*BlobProto", "blobs"),
    ),
    "V1LayerParameter": ((4, "string", "name"), (6, "*BlobProto", "blobs")),
    "NetParameter": (
        (1, "string", "name"),
        (2, "*V1LayerParameter", "layers"),
        (100, "*LayerParameter", "layer"),
    ),
}


def _define() -> Any:  # noqa: ANN401 - a class made at run time
    file = descriptor_pb2.FileDescriptorProto(
        name="mobilenet_ssd/caffe.proto", package="mobilenet_ssd.caffe", syntax="proto2"
    )
    for message_name, fields in _MESSAGES.items():
        message = file.message_type.add(name=message_name)
        for number, kind, name in fields:
            field = message.field.add(name=name, number=number)
            bare = kind.lstrip("*+")
            field.label = (
                _Field.LABEL_OPTIONAL if bare == kind else _Field.LABEL_REPEATED
            )
            if bare in _KINDS:
                field.type = _KINDS[bare]
            else:
                field.type = _Field.TYPE_MESSAGE
                field.type_name = f".mobilenet_ssd.caffe.{bare}"
            if kind.startswith("+"):
                field.options.packed = True
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName("mobilenet_ssd.caffe.NetParameter")
    return message_factory.GetMessageClass(descriptor)


NetParameter = _define()
