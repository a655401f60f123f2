import Kernels
import Tensor

/// Where a feature's values, or their gradient, lie in a tensor of the arena.
///
/// Skip connections are joined without a copy: both parts are views of one wider tensor, so a view's
/// voxels lie `stride` values apart and begin at channel `offset` of it.
struct TensorView {
  let place: ArenaPlan.Place
  var offset = 0
  let stride: Int
  /// Parts of a joined tensor, the decoder's (0) and the skip connection's (1); else part 0 alone.
  var parts = 0..<1

  func pointer(_ context: StepContext) -> UnsafeMutablePointer<Float> { context.pointer(place) + offset }

  var read: Access { .read(place, parts) }
  func written(isAdding: Bool = false) -> Access { isAdding ? read : .write(place, parts) }
}

/// A tensor of a compiled network: its shape, its places in the arena, and what reading it applies.
struct Feature {
  let shape: TensorShape
  let value: TensorView
  /// The loss' gradient with respect to the value as it is read; without a place when compiled for inference.
  let gradient: TensorView
  /// Normalisation and leaky ReLU that every reader applies; the value itself is what comes before them.
  var norm: NormFeature?

  /// The feature as a reader sees it.
  func read(_ context: StepContext) -> TensorRead {
    TensorRead(
      base: UnsafePointer(value.pointer(context)), stride: value.stride, norm: norm?.terms(context),
      normStep: norm?.step ?? 0)
  }

  func write(_ context: StepContext, isAdding: Bool = false) -> TensorWrite {
    TensorWrite(base: value.pointer(context), stride: value.stride, isAdding: isAdding)
  }

  func writeGradient(_ context: StepContext, isAdding: Bool) -> TensorWrite {
    TensorWrite(base: gradient.pointer(context), stride: gradient.stride, isAdding: isAdding)
  }

  /// The normalisation that wants its sums with a gradient that is complete now; nil where none does.
  func finishedNorm(_ gradient: InputGradient) -> NormFeature? {
    guard gradient.isComplete, let norm, norm.sums != .none else { return nil }
    return norm
  }

  // MARK: For the schedule

  var valueRead: Access { value.read }
  var valueWritten: Access { value.written() }
  /// The value and the terms of reading it.
  var reads: [Access] { [valueRead] + termsRead }
  var termsRead: [Access] { norm.map { [.read($0.place, value.parts)] } ?? [] }
  var termsWritten: [Access] { norm.map { [.write($0.place, value.parts)] } ?? [] }
  var gradientRead: Access { gradient.read }
  func gradientWritten(isAdding: Bool) -> Access { gradient.written(isAdding: isAdding) }

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
  /// Per sample Σdz and Σdz·(x − mean), in double precision: left by whoever completes the gradient. None where
  /// nothing is normalised.
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

  /// Writes terms that normalise nothing: values are read as they are, negative ones times `slope`.
  func setIdentity(_ context: StepContext, batch: Int, channels: Int, slope: Float) {
    for sample in 0..<batch {
      for index in 0..<Self.rows {
        row(context, index, sample: sample).update(
          repeating: index == 0 ? 1 : index == 2 ? slope : 0, count: channels)
      }
    }
  }
}
