"""Machine instructions that numba does not offer by name, and elements of arrays without the test for a negative index.

`peek` and `poke` are for inner loops over places that were checked before: the test costs more than the access.
"""

# ruff: noqa: ARG001  the parameters are for the caller; `generate` gets their values

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic
def popcount(_context, word):
    """Return the number of set bits of a uint64, as int64."""

    def generate(_context, builder, _signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@intrinsic
def trailing_zeros(_context, word):
    """Return the place of the lowest set bit of a uint64 that is not 0, as int64."""

    def generate(_context, builder, _signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


@intrinsic
def load64(_context, data, at):
    """Read eight bytes of a uint8 array from `at` on as a little-endian uint64; the caller has checked that they are there."""

    def generate(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.gep(array.data, [arguments[1]])
        return builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(data, types.int64), generate


@intrinsic
def peek(_context, array, at):
    """Return `array[at]` of a one-dimensional contiguous array; `at` is not negative."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.load(builder.gep(data, [arguments[1]]))

    return array.dtype(array, types.int64), generate


@intrinsic
def poke(_context, array, at, value):
    """Set `array[at]`, as `peek` returns it."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        builder.store(arguments[2], builder.gep(data, [arguments[1]]))
        return context.get_dummy_value()

    return types.void(array, types.int64, array.dtype), generate


@intrinsic
def clear(_context, array, at, number):
    """Set `number` elements of a one-dimensional contiguous array to 0, from `at` on."""

    def generate(context, builder, signature, arguments):
        kind = signature.args[0]
        data = context.make_array(kind)(context, builder, arguments[0]).data
        size = context.get_abi_sizeof(context.get_data_type(kind.dtype))
        place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        length = builder.mul(arguments[2], ir.Constant(ir.IntType(64), size))
        cgutils.memset(builder, place, length, 0)
        return context.get_dummy_value()

    return types.void(array, types.int64, types.int64), generate
