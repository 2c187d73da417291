"""What PyTorch calls the last step of a recorded gradient, after which the gradient is named.

Which step that is follows from the function whose rule made it: most end with a product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.ops.rows import camel
from gradcli.tape.primitives import neg

if TYPE_CHECKING:
    from gradcli.tape.node import Node

SUM = "AddBackward0"
"""What a gradient is called to which several paths lead."""

_RULES_OF_THEIR_OWN = (
    *("AvgPool2D", "BinaryCrossEntropy", "Cdist", "Convolution", "Diagonal", "Elu", "Gelu", "Glu"),
    *("Hardshrink", "Hardswish", "Hardtanh", "HuberLoss", "LeakyRelu", "LogSigmoid", "MaxPool2DWithIndices"),
    *("MseLoss", "NativeBatchNorm", "NativeLayerNorm", "NllLoss", "PreluKernel", "ReflectionPad1D"),
    *("ReflectionPad2D", "ReplicationPad1D", "ReplicationPad2D", "Select", "Sigmoid", "Slice"),
    *("SmoothL1Loss", "SoftMarginLoss", "Softplus", "Softshrink", "Tanh", "Threshold"),
)
_THEMSELVES = (
    *("Bmm", "ConstantPadNd", "Flip", "LinalgCross", "Mm", "Neg", "Permute", "Roll", "Rot90", "T"),
    *("Transpose", "Tril", "Triu", "View", "Where"),
)
LAST: dict[str, str | tuple[str, ...]] = {
    **{each: f"{each}BackwardBackward0" for each in _RULES_OF_THEIR_OWN},
    **{each: f"{each}Backward0" for each in _THEMSELVES},
    **dict.fromkeys(("Atan", "Atanh", "Hypot", "Log", "Log10", "Log1P", "Log2", "Sqrt"), "DivBackward0"),
    **dict.fromkeys(("Logaddexp", "Logaddexp2"), "DivBackward0"),
    **dict.fromkeys(("Clamp", "ClampMax", "ClampMin", "Logit", "Sinc"), "WhereBackward0"),
    **dict.fromkeys(("Cummax", "Cummin", "Gather"), "ScatterAddBackward0"),
    **dict.fromkeys(("Kthvalue", "Sort", "Topk"), "ScatterBackward0"),
    **dict.fromkeys(("Fmax", "Fmin", "Maximum", "Minimum"), "MaskedFillBackward0"),
    **dict.fromkeys(("Cholesky", "LinalgCholeskyEx", "LinalgQr"), "LinalgSolveTriangularBackward0"),
    **dict.fromkeys(("LinalgEigh", "LinalgSvd"), "MmBackward0"),
    **dict.fromkeys(("Deg2Rad", "Exp2", "Rad2Deg"), "MulBackward1"),
    **dict.fromkeys(
        ("MaxBackward0", "MedianBackward1", "MinBackward0", "NanmedianBackward1"), "ScatterBackward0"
    ),
    **dict.fromkeys(
        ("MaxBackward1", "MedianBackward0", "MinBackward1", "NanmedianBackward0"), "MaskedFillBackward1"
    ),
    **dict.fromkeys(("Split", "SplitWithSizes"), "CatBackward0"),
    "Addmm": "MmBackward0",
    "Addmv": ("", "MulBackward0", "MvBackward0"),
    "AsStrided": "AsStridedBackward0",
    "Cat": "SliceBackward0",
    "Celu": "EluBackwardBackward0",
    "BinaryCrossEntropyWithLogits": "DivBackward1",
    "CopySlices": "CopySlices",
    "Cumprod": "DivBackward0",
    "Cumsum": "FlipBackward0",
    "DiagEmbed": "DiagonalBackward0",
    "Dist": ("MulBackward0", "NegBackward0"),
    "Div": ("DivBackward0", "MulBackward0"),
    "Embedding": "EmbeddingDenseBackwardBackward0",
    "Expand": "SumBackward1",
    "Index": "IndexPutImplBackward0",
    "IndexCopy": ("IndexFillBackward0", "IndexSelectBackward0"),
    "IndexFill": "IndexFillBackward0",
    "IndexSelect": "IndexAddBackward0",
    "Lerp": "MulBackward1",
    "Logcumsumexp": "SubBackward0",
    "LinalgDet": "LinalgSolveExBackward0",
    "LinalgInvEx": "NegBackward0",
    "LinalgSlogdet": "LinalgSolveExBackward0",
    "LinalgSolveEx": ("NegBackward0", "LinalgSolveExBackward0"),
    "LinalgSolveTriangular": ("TrilBackward0", "LinalgSolveTriangularBackward0"),
    "LogSoftmax": "LogSoftmaxBackwardDataBackward0",
    "MaskedSelect": "MaskedScatterBackward0",
    "Mean": "DivBackward1",
    "PowBackward1": ("WhereBackward0", "MulBackward0"),
    "Relu": "ThresholdBackwardBackward0",
    "Repeat": "SumBackward1",
    "Rsub": "NegBackward0",
    "Softmax": "SoftmaxBackwardDataBackward0",
    "Squeeze": "UnsqueezeBackward0",
    "Stack": "SelectBackward0",
    "Sub": "NegBackward0",
    "Sum": "ExpandBackward0",
    "Take": "PutBackward0",
    "Trace": "ViewBackward0",
    "Unbind": "StackBackward0",
    "Unfold": "UnfoldBackwardBackward0",
    "Unsqueeze": "SqueezeBackward1",
    "Xlogy": ("MaskedFillBackward0", "DivBackward0"),
}
"""By a `grad_fn`, or by that without what comes after `Backward`: one name, or one for each operand."""
OF_FUNCTIONS: dict[str, str | tuple[str, ...]] = {
    "cross_entropy": "LogSoftmaxBackwardDataBackward0",
    "double": "ToCopyBackward0",
    "float": "ToCopyBackward0",
    "l1_loss": ("MulBackward0", "NegBackward0"),
    "masked_fill": "MaskedFillBackward0",
    "softmin": "NegBackward0",
    "to": "ToCopyBackward0",
}
"""The same by functions that are called after something else, or are composed of other steps here."""

ANYWAY = frozenset(("AsStrided", "Cat", "Roll", "Slice", "Split", "SplitWithSizes", "Unfold", "View"))
"""What takes a step of its own back, also where it left everything as it was."""


def steps_anyway(node: Node) -> bool:
    """Whether a node that hands its cotangent on as it is does so by a step in PyTorch."""
    return node.call is not None and node.call.function.grad_fn.partition("Backward")[0] in ANYWAY


def last_step(node: Node, index: int) -> str:
    """The name of what a node hands to one of its inputs, as PyTorch has it."""
    operand, call = node.inputs[index], node.call
    shape = operand.shape
    if (node.op.elementwise or node.op.broadcasts) and shape != node.shape:  # its gradient is added up
        if len(shape) < len(node.shape):
            return "ViewBackward0" if shape else "SumBackward0"
        return "SumBackward1"
    if call is None or call.function.name == "grad":
        return f"{'Mul' if node.op.elementwise and node.op is not neg else camel(node.op.name)}Backward0"
    name = call.function.grad_fn
    stem = name.partition("Backward")[0]
    if call.function.name == "linear" and node.op.name == "permute":
        return "TBackward0"  # the weights are turned inside it
    if call.function.name == "linear" and not index and operand.ndim != 2:  # it multiplies a matrix
        return "SqueezeBackward1" if stem == "Squeeze" else "ViewBackward0"
    if stem == "Mv":
        return "MvBackward0" if operand.ndim == 1 else "MulBackward0"
    known = OF_FUNCTIONS.get(call.function.name) or LAST.get(name) or LAST.get(stem, "MulBackward0")
    return known if isinstance(known, str) else known[min(index, len(known) - 1)]
