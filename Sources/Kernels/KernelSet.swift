/// The inner loops of the engine, one implementation for each kind of CPU.
///
/// All variants are compiled from the same sources with one SIMD width and one order of sums, so that
/// AVX2 and AVX-512 give equal bits. Tensors are channels last; `stride` counts the values from one voxel
/// to the next and is at least the number of channels. Nothing here allocates, locks or checks bounds.
package protocol KernelSet: AugmentationKernels {
  /// `portable`, `avx2` or `avx512`.
  static var name: String { get }

  // MARK: Products

  /// C ← A·B, or C += A·B: see `Product`.
  static func multiply(_ product: Product)

  /// A panel of a product's right side: `target[k·16 + r] = source[r·rowStep + k]`, zero from row `rows` on.
  static func packPanel(
    _ source: UnsafePointer<Float>, rowStep: Int, rows: Int, depth: Int,
    into target: UnsafeMutablePointer<Float>)

  // MARK: Winograd

  /// Transformed input tiles, `(position, tile, channel)`: the convolution's data side.
  static func winogradInput(
    _ block: WinogradBlock, source: TensorRead, into target: UnsafeMutablePointer<Float>)
  /// Tiles of the result, written (or added) to the tensor, with what the epilogue gathers.
  static func winogradOutput(
    _ block: WinogradBlock, source: UnsafePointer<Float>, target: TensorWrite, epilogue: Epilogue)
  /// Transformed tiles of the output's gradient, `(position, tile, channel)`: the weight gradient's other side.
  static func winogradGradient(
    _ block: WinogradBlock, source: GradientRead, into target: UnsafeMutablePointer<Float>)
  /// Transformed weights in panels of 16 output channels.
  static func winogradFilter(_ filter: WinogradFilter)
  /// The weight gradient from its transform.
  static func winogradFilterGradient(_ filter: WinogradFilterGradient)

  // MARK: Direct and gathered convolution

  /// Lines of a tensor with the activation applied and zeros beyond its edges.
  static func padLine(
    _ line: UnsafePointer<Float>?, stride: Int, width: Int, channels: Int, norm: NormTerms?, before: Int,
    after: Int, into target: UnsafeMutablePointer<Float>)
  /// Rows of the im2col matrix: see `GatherGrid`.
  static func gatherRows(
    _ grid: GatherGrid, runs: UnsafePointer<TapRun>, runCount: Int, rowLength: Int, source: TensorRead,
    first: Int, count: Int, into matrix: UnsafeMutablePointer<Float>)
  /// Writes (or adds) consecutive rows of a matrix to the strided voxels that they stand for.
  static func scatterRows(
    _ matrix: UnsafePointer<Float>, scatter: ScatterGrid, first: Int, count: Int, isAdding: Bool,
    into target: UnsafeMutablePointer<Float>)
  /// Copies rows of voxels, with the activation applied.
  static func readRows(
    _ source: UnsafePointer<Float>, stride: Int, rows: Int, channels: Int, norm: NormTerms?,
    into target: UnsafeMutablePointer<Float>, targetStride: Int)

  /// target ← a + b, each as it is read with the terms of `norm`; the target may be one of them.
  static func addRows(
    _ a: TensorRead, _ b: TensorRead, rows: Int, channels: Int, into target: UnsafeMutablePointer<Float>,
    targetStride: Int)

  // MARK: Normalisation

  /// Adds Σx and Σx² over `rows` to `sums[0..<channels]` and `sums[channels..<2·channels]`.
  static func accumulateMoments(
    _ x: UnsafePointer<Float>, stride: Int, rows: Int, channels: Int, sums: UnsafeMutablePointer<Double>)
  /// Adds Σdz and Σdz·(x − mean) to the sums, where dz = dy · leaky′(scale·x + shift).
  static func accumulateNormGradient(
    _ x: UnsafePointer<Float>, stride: Int, gradient: UnsafePointer<Float>, gradientStride: Int, rows: Int,
    channels: Int, norm: NormTerms, sums: UnsafeMutablePointer<Double>)
  /// dx = scale·(dz − a − (x − mean)·b) in place of dy.
  static func normInputGradient(
    _ x: UnsafePointer<Float>, stride: Int, gradient: UnsafeMutablePointer<Float>, gradientStride: Int,
    rows: Int, channels: Int, norm: NormTerms)
  /// Adds the bias to each row.
  static func addBias(
    _ x: UnsafeMutablePointer<Float>, stride: Int, rows: Int, channels: Int, bias: UnsafePointer<Float>)
  /// Adds the sum of the rows to `sums[0..<channels]`.
  static func accumulateRows(
    _ x: UnsafePointer<Float>, stride: Int, rows: Int, channels: Int, sums: UnsafeMutablePointer<Double>)

  // MARK: Pooling

  /// Maxima of the pool's windows along lines `lines` of the output (over depth and height).
  static func maxPool(_ pool: PoolBlock, source: TensorRead, lines: Range<Int>, into target: TensorWrite)
  /// Adds the output's gradient to where each window's first maximum lies, and gathers the norm's sums.
  static func maxPoolGradient(
    _ pool: PoolBlock, source: TensorRead, lines: Range<Int>, gradient: UnsafePointer<Float>,
    gradientStride: Int, into target: TensorWrite, isAdding: Bool, sums: UnsafeMutablePointer<Double>?)

  /// Means of the pool's windows along lines `lines` of the output (over depth and height).
  static func averagePool(_ pool: PoolBlock, source: TensorRead, lines: Range<Int>, into target: TensorWrite)
  /// Writes (or adds) to each voxel of a window its share of the output's gradient.
  static func averagePoolGradient(
    _ pool: PoolBlock, lines: Range<Int>, gradient: UnsafePointer<Float>, gradientStride: Int,
    into target: TensorWrite)

  // MARK: Loss

  /// Softmax of each row of `logits` into `probabilities`, both `(rows, classes)`.
  static func softmaxRows(
    _ logits: UnsafePointer<Float>, rows: Int, classes: Int, into probabilities: UnsafeMutablePointer<Float>)
  /// Adds, per class, Σp, Σg and Σp·g to `sums` (three runs of `classes` values), and returns the summed
  /// cross-entropy, each row's times the weight of its class; `targets` holds a class index for each row.
  static func accumulateOverlap(
    _ probabilities: UnsafePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int, classes: Int,
    weights: UnsafePointer<Float>, sums: UnsafeMutablePointer<Double>
  ) -> Double
  /// Gradient of (Dice + cross-entropy) with respect to the logits, in place of the probabilities.
  ///
  /// `slope[c]` and `bonus[c]` are ∂Dice loss/∂p: `slope[c]` for every voxel, plus `bonus[c]` where the
  /// target is c. `weight` is the cross-entropy's weight for one voxel, beside that of its class in `weights`.
  static func overlapGradient(
    _ probabilities: UnsafeMutablePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int, classes: Int,
    slope: UnsafePointer<Float>, bonus: UnsafePointer<Float>, weights: UnsafePointer<Float>, weight: Float)
  /// Sigmoids of `logits` into `probabilities`, both `(rows, regions)`; adds, per region, Σp, Σg and Σp·g to `sums` (three
  /// runs of `regions` values), and returns the summed binary cross-entropy.
  ///
  /// `targets` holds a class index for each row, `membership` `(class, region)` 1 where the class is of the region, else
  /// 0. A region's weight counts in the cross-entropy of the rows inside it.
  static func accumulateRegions(
    _ logits: UnsafePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int, regions: Int,
    membership: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    into probabilities: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Double>
  ) -> Double
  /// Gradient of (Dice + binary cross-entropy) with respect to the logits, in place of the probabilities.
  ///
  /// ∂Dice loss/∂p is `slope[r]` for every voxel, plus `bonus[r]` inside region r; `membership` and `weights` as in
  /// `accumulateRegions`, `weight` the cross-entropy's weight for one voxel and region.
  static func regionGradient(
    _ probabilities: UnsafeMutablePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int, regions: Int,
    membership: UnsafePointer<Float>, slope: UnsafePointer<Float>, bonus: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, weight: Float)

  // MARK: Optimiser

  /// One Adam step on `count` parameters.
  static func adamStep(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, count: Int, terms: AdamTerms)
  /// One step of SGD with Nesterov momentum.
  static func momentumStep(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    velocity: UnsafeMutablePointer<Float>, count: Int, terms: MomentumTerms)
  /// x += share · (y − x).
  static func blend(
    _ x: UnsafeMutablePointer<Float>, toward y: UnsafePointer<Float>, count: Int, share: Float)
  /// Σx² of `count` values, in Double.
  static func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double
}
