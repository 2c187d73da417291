"""Losses with their `reduction` and their other options."""

from __future__ import annotations

from golden.operations import Row

INF = float("inf")
PAIR = {"x": "any:2,3", "y": "wide:2,3"}
REDUCTIONS = ["", ", reduction='mean'", ", reduction='sum'", ", reduction='none'"]

ROWS: list[Row] = []
for name in ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"]:
    ROWS += [
        (name, PAIR, [f"{name}(x, y{reduction})" for reduction in REDUCTIONS] + [f"F.{name}(x, target=y)"]),
        (name, {"x": "any:", "y": "any:"}, [f"{name}(x, y + 1)"]),
        (name, {"x": "any:3"}, [f"{name}(x, x)", f"{name}(x, zeros(3))"]),
        (
            name,
            {"x": [0.0, 1.0, -1.0, 2.0, 0.5], "y": [0.0, 0.0, 0.0, 0.0, 0.0]},
            [f"{name}(x, y, reduction='sum')"],
        ),
    ]
CLASSES = {"x": "any:3,4", "t": [1, 0, 3], "w": "const positive:4"}
DENSE = {"x": "any:2,3,4", "t": [[0, 1, 2, 1], [2, 2, 0, 1]]}
for name, argument in {"cross_entropy": "x", "nll_loss": "log_softmax(x, 1)"}.items():
    ROWS += [
        (name, CLASSES, [f"{name}({argument}, t{reduction})" for reduction in REDUCTIONS]),
        (name, CLASSES, [f"{name}({argument}, t, weight=w{reduction})" for reduction in REDUCTIONS]),
        (name, CLASSES, [f"{name}({argument}, t, ignore_index=0{reduction})" for reduction in REDUCTIONS]),
        (name, CLASSES, [f"F.{name}({argument}, t, weight=w, ignore_index=3)"]),
        (name, DENSE, [f"{name}({argument}, t)", f"{name}({argument}, t, reduction='none')"]),
        (
            name,
            {"x": "any:3,4", "t": [1, -100, 3]},
            [f"{name}({argument}, t)", f"{name}({argument}, t, reduction='none')"],
        ),
    ]
ROWS += [
    ("nll_loss", CLASSES, ["nll_loss(x, t)", "nll_loss(x, t, w, reduction='sum')"]),
    ("nll_loss", {"x": "any:4"}, ["nll_loss(x, tensor(2))"]),
    ("cross_entropy", {"x": "any:4"}, ["cross_entropy(x, tensor(2))"]),
    (
        "cross_entropy",
        CLASSES,
        [
            "cross_entropy(x, t, label_smoothing=0.1)",
            "cross_entropy(x, t, weight=w, label_smoothing=0.2)",
            "cross_entropy(x, t, label_smoothing=0.1, reduction='none')",
            "cross_entropy(x, t, weight=w, label_smoothing=0.2, reduction='sum', ignore_index=0)",
        ],
    ),
    (
        "cross_entropy",
        {"x": "any:2,3", "p": [[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]]},
        [
            "cross_entropy(x, p)",
            "cross_entropy(x, p, reduction='none')",
            "cross_entropy(x, p, reduction='sum', label_smoothing=0.1)",
            "cross_entropy(x, p, weight=tensor([1.0, 2.0, 0.5]))",
        ],
    ),
    (
        "cross_entropy",
        {"x": [[1000.0, -1000.0, 0.0], [-1e5, 0.0, 1e5]], "t": [1, 2]},
        ["cross_entropy(x, t)", "cross_entropy(x, t, reduction='none')"],
    ),
    (
        "smooth_l1_loss",
        PAIR,
        [
            "smooth_l1_loss(x, y, beta=0.5)",
            "smooth_l1_loss(x, y, reduction='none', beta=2.0)",
            "smooth_l1_loss(x, y, beta=0.0)",
        ],
    ),
    (
        "smooth_l1_loss",
        {"x": [1.0, -1.0, 0.0, 3.0], "y": [0.0, 0.0, 0.0, 0.0]},
        ["smooth_l1_loss(x, y, reduction='none')", "smooth_l1_loss(x, y, reduction='none', beta=0.0)"],
    ),
    ("huber_loss", PAIR, ["huber_loss(x, y, delta=0.5)", "huber_loss(x, y, reduction='none', delta=2.0)"]),
    (
        "huber_loss",
        {"x": [1.0, -1.0, 0.0, 3.0], "y": [0.0, 0.0, 0.0, 0.0]},
        ["huber_loss(x, y, reduction='none')"],
    ),
    ("mse_loss", {"x": "any:2,3"}, ["mse_loss(x, zeros(2, 3))", "((x - 1) ** 2).mean()"]),
]
PROBABLE = {"x": "prob:2,3", "y": [[0.0, 1.0, 0.3], [1.0, 0.0, 0.8]], "w": "const positive:3"}
ROWS += [
    (
        "binary_cross_entropy",
        PROBABLE,
        [f"binary_cross_entropy(x, y{reduction})" for reduction in REDUCTIONS]
        + ["binary_cross_entropy(x, y, weight=w)", "F.binary_cross_entropy(x, y, w, reduction='none')"],
    ),
    (
        "binary_cross_entropy",
        {"x": [0.0, 1.0, 0.0, 1.0, 0.5], "y": [0.0, 1.0, 1.0, 0.0, 0.5]},
        ["binary_cross_entropy(x, y, reduction='none')", "binary_cross_entropy(x, y)"],
    ),
    (
        "binary_cross_entropy_with_logits",
        {"x": "any:2,3", "y": [[0.0, 1.0, 0.3], [1.0, 0.0, 0.8]], "w": "const positive:3"},
        [f"binary_cross_entropy_with_logits(x, y{reduction})" for reduction in REDUCTIONS]
        + [
            "binary_cross_entropy_with_logits(x, y, weight=w)",
            "binary_cross_entropy_with_logits(x, y, pos_weight=w)",
            "F.binary_cross_entropy_with_logits(x, y, weight=w, pos_weight=w, reduction='sum')",
        ],
    ),
    (
        "binary_cross_entropy_with_logits",
        {"x": [1000.0, -1000.0, 0.0, 40.0], "y": [0.0, 1.0, 0.5, 1.0]},
        [
            "binary_cross_entropy_with_logits(x, y)",
            "binary_cross_entropy_with_logits(x, y, reduction='none')",
        ],
    ),
    (
        "kl_div",
        {"x": "negative:2,3", "y": [[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]]},
        [f"kl_div(x, y{reduction})" for reduction in REDUCTIONS]
        + ["kl_div(x, y, reduction='batchmean')", "F.kl_div(log_softmax(x, 1), y, reduction='batchmean')"],
    ),
    (
        "kl_div",
        {"x": "negative:2,3", "y": "negative:2,3"},
        ["kl_div(x, y, log_target=True)", "kl_div(x, y * 0.5, reduction='batchmean', log_target=True)"],
    ),
    (
        "cosine_similarity",
        {"x": "any:2,3", "y": "positive:2,3"},
        [
            "cosine_similarity(x, y)",
            "cosine_similarity(x, y, dim=0)",
            "F.cosine_similarity(x, y, dim=-1, eps=1e-3)",
            "cosine_similarity(x, y[0:1])",
            "cosine_similarity(x, x)",
        ],
    ),
    ("cosine_similarity", {"x": "any:3", "y": "positive:3"}, ["cosine_similarity(x, y, dim=0)"]),
    (
        "cosine_similarity",
        {"x": [[0.0, 0.0], [3.0, 4.0]], "y": [[1.0, 2.0], [0.0, 0.0]]},
        ["cosine_similarity(x, y)"],
    ),
    (
        "pairwise_distance",
        {"x": "any:2,3", "y": "positive:2,3"},
        [
            "pairwise_distance(x, y)",
            "pairwise_distance(x, y, p=1)",
            "F.pairwise_distance(x, y, p=3.0, eps=0.01, keepdim=True)",
            "pairwise_distance(x, y[0])",
            "pairwise_distance(x, x)",
        ],
    ),
    (
        "soft_margin_loss",
        {"x": "wide:2,3", "y": "const sign:2,3"},
        [f"soft_margin_loss(x, y{reduction})" for reduction in REDUCTIONS],
    ),
    (
        "soft_margin_loss",
        {"x": [700.0, -700.0, 0.0]},
        [
            "soft_margin_loss(x, tensor([1.0, 1.0, -1.0]), reduction='none')",
            "soft_margin_loss(x * 0, ones(3))",
        ],
    ),
    (
        "poisson_nll_loss",
        {"x": "any:2,3", "y": [[0.0, 1.0, 2.0], [5.0, 3.0, 0.5]]},
        [f"poisson_nll_loss(x, y{reduction})" for reduction in REDUCTIONS]
        + [
            "F.poisson_nll_loss(x, y, full=True)",
            "poisson_nll_loss(exp(x), y, log_input=False)",
            "poisson_nll_loss(abs(x), y, log_input=False, eps=1e-3, reduction='none')",
        ],
    ),
    (
        "gaussian_nll_loss",
        {"x": "any:2,3", "y": "wide:2,3", "v": "positive:2,3"},
        [f"gaussian_nll_loss(x, y, v{reduction})" for reduction in REDUCTIONS]
        + [
            "F.gaussian_nll_loss(x, y, v, full=True)",
            "gaussian_nll_loss(x, y, v[:, 0:1])",
            "gaussian_nll_loss(x, y, v, eps=1.0, reduction='none')",
        ],
    ),
    (
        "hinge_embedding_loss",
        {"x": "any:2,3", "y": "const sign:2,3"},
        [f"hinge_embedding_loss(x, y{reduction})" for reduction in REDUCTIONS]
        + ["F.hinge_embedding_loss(x, y, margin=0.5)", "hinge_embedding_loss(x, y, 2.0, reduction='sum')"],
    ),
    (
        "triplet_margin_loss",
        {"x": "any:3,4", "y": "any:3,4", "z": "any:3,4"},
        [
            "F.triplet_margin_loss(x, y, z)",
            "F.triplet_margin_loss(x, y, z, margin=3.0, p=1.0, reduction='sum')",
            "F.triplet_margin_loss(x, y, z, margin=2.5, swap=True, reduction='none')",
        ],
    ),
    (
        "margin_ranking_loss",
        {"x": "any:3", "z": "positive:3", "y": "const sign:3"},
        [f"margin_ranking_loss(x, z, y{reduction})" for reduction in REDUCTIONS]
        + [
            "F.margin_ranking_loss(x, z, y, margin=0.5)",
            "margin_ranking_loss(x, z, y, 2.0, reduction='none')",
        ],
    ),
    (
        "margin_ranking_loss",
        {"x": [1.0, 2.0], "z": [1.0, 1.0], "y": [1.0, -1.0]},
        ["margin_ranking_loss(x, z, y, reduction='none')"],
    ),
]
