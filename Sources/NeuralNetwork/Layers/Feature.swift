import Kernels
import Tensor

/// A tensor of a compiled network: its shape, its places in the arena, and what reading it applies.
///
/// Skip connections are joined without a copy: both parts are views of one wider tensor, so a
/// feature's voxels lie `stride` values apart and begin at channel `offset` of it.
struct Feature {
  let shape: TensorShape
  let value: ArenaPlan.Place
  /// Where the loss' gradient with respect to the value as it is read goes; none when compiled for inference.
  let gradient: ArenaPlan.Place
  var offset = 0
  let stride: Int
  /// Parts of a joined tensor, the decoder's (0) and the skip connection's (1); else part 0 alone.
  var parts = 0..<1
  /// Normalisation and leaky ReLU that every reader applies; the value itself is what comes before them.
  var norm: NormFeature?

  /// The feature as a reader sees it.
  func read(_ context: StepContext) -> TensorRead {
    TensorRead(
      base: UnsafePointer(context.pointer(value) + offset), stride: stride, norm: norm?.terms(context),
      normStep: norm?.step ?? 0)
  }

  func write(_ context: StepContext, isAdding: Bool = false) -> TensorWrite {
    TensorWrite(base: context.pointer(value) + offset, stride: stride, isAdding: isAdding)
  }

  func writeGradient(_ context: StepContext, isAdding: Bool) -> TensorWrite {
    TensorWrite(base: context.pointer(gradient) + offset, stride: stride, isAdding: isAdding)
  }

  // MARK: For the schedule

  var valueRead: Access { .read(value, parts) }
  var valueWritten: Access { .write(value, parts) }
  /// The value and the terms of reading it.
  var reads: [Access] { [valueRead] + termsRead }
  var termsRead: [Access] { norm.map { [.read($0.place, parts)] } ?? [] }
  var termsWritten: [Access] { norm.map { [.write($0.place, parts)] } ?? [] }
  var gradientRead: Access { .read(gradient, parts) }
  func gradientWritten(isAdding: Bool) -> Access { isAdding ? gradientRead : .write(gradient, parts) }

  /// The sums that whoever completes the gradient leaves with the normalisation.
  var sumsRead: [Access] { norm.map { [.read($0.sums)] } ?? [] }
  var sumsWritten: [Access] { norm.map { [.write($0.sums)] } ?? [] }
}

/// A normalisation's terms in the arena, for each sample: scale, shift, slope, mean, a, b and 1/deviation.
struct NormFeature {
  static let rows = 7

  let place: ArenaPlan.Place
  /// First channel within rows of `stride` channels.
  var offset = 0
  let stride: Int
  /// Per sample Σdz and Σdz·(x − mean), in double precision: left by whoever completes the gradient.
  let sums: ArenaPlan.Place

  /// Values from one sample's terms to the next's.
  var step: Int { Self.rows * stride }

  func row(_ context: StepContext, _ index: Int, sample: Int) -> UnsafeMutablePointer<Float> {
    context.pointer(place) + sample * step + index * stride + offset
  }

  func terms(_ context: StepContext) -> NormTerms {
    func row(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(self.row(context, index, sample: 0)) }
    return NormTerms(scale: row(0), shift: row(1), slope: row(2), mean: row(3), a: row(4), b: row(5))
  }
}
