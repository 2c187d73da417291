"""Which file of this room has which rows. Generated: do not edit.

`python -m gradcli.ops.index_build` writes this file; `registry` reads it.
"""

NAMES = {
    "activations": """
hardtanh relu6 leaky_relu prelu hardsigmoid hardswish hardshrink softshrink threshold elu selu celu
glu mish logsigmoid log_sigmoid softsign tanhshrink
""",
    "adaptive": """
adaptive_avg_pool1d adaptive_max_pool1d adaptive_avg_pool2d adaptive_max_pool2d adaptive_avg_pool3d
adaptive_max_pool3d
""",
    "attention": """
scaled_dot_product_attention
""",
    "binary": """
fmax fmin copysign heaviside logaddexp2 xlogy float_power ldexp gcd lcm nextafter lerp addcmul
addcdiv clamp_min clamp_max
""",
    "choices": """
cartesian_prod combinations
""",
    "cholesky": """
linalg.cholesky cholesky
""",
    "class_losses": """
nll_loss cross_entropy
""",
    "class_margins": """
cosine_embedding_loss multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss
""",
    "contractions": """
einsum tensordot inner kron linalg.cross cross linalg.vecdot addmm addmv baddbmm addbmm addr
""",
    "convolution": """
conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d
""",
    "creation": """
zeros empty ones full eye arange linspace logspace zeros_like empty_like ones_like full_like
new_zeros new_empty new new_ones new_full new_tensor clone
""",
    "ctc": """
ctc_loss
""",
    "decompositions": """
linalg.eigh linalg.eigvalsh linalg.svd svd linalg.svdvals linalg.matrix_rank linalg.qr qr
""",
    "determinants": """
linalg.det det linalg.slogdet slogdet logdet
""",
    "diagonals": """
diagonal diag_embed diag diagflat tril triu tril_indices triu_indices trace
""",
    "dropping": """
dropout rrelu dropout1d dropout2d dropout3d alpha_dropout gumbel_softmax
""",
    "finding": """
nonzero argwhere unique bincount isin searchsorted bucketize histc
""",
    "functions": """
sign sgn abs absolute sqrt rsqrt reciprocal exp exp2 expm1 log log2 log10 log1p sin cos tan asin
arcsin acos arccos atan arctan sinh cosh tanh asinh arcsinh acosh arccosh atanh arctanh erf floor
ceil trunc fix sigmoid expit maximum minimum atan2 arctan2 hypot logaddexp neg negative add sub
subtract rsub mul multiply div divide true_divide floor_divide remainder fmod pow square positive
real round frac deg2rad rad2deg nan_to_num where clamp clip relu silu gelu softplus
""",
    "gathering": """
index_select gather take take_along_dim scatter_add index_add masked_fill masked_select
""",
    "joining": """
cat concat concatenate stack hstack vstack row_stack dstack column_stack split split_with_sizes
chunk tensor_split hsplit vsplit dsplit unbind narrow select meshgrid broadcast_tensors block_diag
""",
    "least_squares": """
linalg.pinv pinverse linalg.lstsq
""",
    "likelihoods": """
binary_cross_entropy binary_cross_entropy_with_logits kl_div poisson_nll_loss gaussian_nll_loss
""",
    "linalg": """
linalg.inv inverse linalg.solve linalg.solve_triangular cholesky_solve
""",
    "logic": """
isfinite isinf isnan signbit logical_not eq ne not_equal lt less le less_equal gt greater ge
greater_equal logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor bitwise_not
""",
    "losses": """
mse_loss l1_loss smooth_l1_loss huber_loss triplet_margin_loss soft_margin_loss hinge_embedding_loss
margin_ranking_loss
""",
    "matrix_functions": """
linalg.matrix_power matrix_power linalg.matrix_exp matrix_exp linalg.vander linalg.multi_dot
""",
    "matrix_norms": """
linalg.vector_norm linalg.matrix_norm linalg.norm dist cdist linalg.cond pdist
""",
    "nn": """
normalize layer_norm bilinear cosine_similarity pairwise_distance
""",
    "normalising": """
batch_norm group_norm instance_norm rms_norm embedding
""",
    "norms": """
norm renorm var std var_mean std_mean
""",
    "padding": """
pad
""",
    "patches": """
functional.unfold fold local_response_norm embedding_bag
""",
    "placing": """
scatter index_fill index_copy index_put put masked_scatter select_scatter slice_scatter
diagonal_scatter
""",
    "pooling": """
avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d lp_pool3d max_pool1d max_pool2d max_pool3d
max_unpool1d max_unpool2d max_unpool3d
""",
    "products": """
matmul mm mv bmm dot vdot outer ger linear
""",
    "quantiles": """
quantile nanquantile
""",
    "random": """
rand randn randint randperm rand_like randn_like randint_like normal bernoulli poisson binomial
_standard_gamma _sample_dirichlet multinomial
""",
    "rearrange": """
repeat tile repeat_interleave flip fliplr flipud rot90 roll unfold
""",
    "reductions": """
sum mean amax amin argmax argmin max min all any
""",
    "resampling": """
pixel_shuffle pixel_unshuffle channel_shuffle interpolate upsample
""",
    "sampling": """
affine_grid grid_sample
""",
    "scans": """
cumsum prod cumprod logcumsumexp cummax cummin diff gradient trapezoid trapz cumulative_trapezoid
vander
""",
    "segments": """
scatter_reduce index_reduce
""",
    "shapes": """
permute transpose swapaxes swapdims t T mT adjoint mH movedim moveaxis reshape view view_as
reshape_as ravel flatten unflatten squeeze unsqueeze atleast_1d atleast_2d atleast_3d expand
sum_to_size expand_as broadcast_to
""",
    "softmax": """
logsumexp softmax softmin log_softmax
""",
    "sorting": """
sort msort argsort topk one_hot kthvalue aminmax
""",
    "special": """
erfc erfinv erfcx ndtr ndtri log_ndtr entr xlog1py i0 i0e i1 i1e sinc lgamma gammaln igamma igammac
gamma digamma psi polygamma mvlgamma multigammaln logit
""",
    "statistics": """
nansum nanmean median nanmedian mode count_nonzero cov corrcoef
""",
}


def listed() -> list[str]:
    """The names of all rows."""
    return " ".join(NAMES.values()).split()
