/// What normalisation and leaky ReLU do to one sample's values, a value for each channel.
///
/// Read: y = leaky(scale·x + shift), where leaky multiplies negatives by `slope`.
package struct NormTerms {
  package var scale: UnsafePointer<Float>
  package var shift: UnsafePointer<Float>
  package var slope: UnsafePointer<Float>
  package var mean: UnsafePointer<Float>
  /// Terms of the input's gradient: dx = scale·(dz − a − (x − mean)·b).
  package var a: UnsafePointer<Float>
  package var b: UnsafePointer<Float>

  @inlinable
  package init(
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, slope: UnsafePointer<Float>,
    mean: UnsafePointer<Float>, a: UnsafePointer<Float>, b: UnsafePointer<Float>
  ) {
    (self.scale, self.shift, self.slope) = (scale, shift, slope)
    (self.mean, self.a, self.b) = (mean, a, b)
  }
}

extension NormTerms {
  /// The terms from a later channel on.
  @inlinable
  package func advanced(_ channels: Int) -> NormTerms {
    NormTerms(
      scale: scale + channels, shift: shift + channels, slope: slope + channels, mean: mean + channels,
      a: a + channels, b: b + channels)
  }
}

/// A tensor that is read, with the activation that reading applies.
///
/// `norm` holds the first sample's terms; the next sample's lie `normStep` values further.
package struct TensorRead {
  package var base: UnsafePointer<Float>
  package var stride: Int
  package var norm: NormTerms?
  package var normStep: Int

  @inlinable
  package init(base: UnsafePointer<Float>, stride: Int, norm: NormTerms? = nil, normStep: Int = 0) {
    (self.base, self.stride, self.norm, self.normStep) = (base, stride, norm, normStep)
  }

  /// The terms of one sample.
  @inlinable
  package func terms(sample: Int) -> NormTerms? {
    guard let norm else { return nil }
    let step = sample &* normStep
    return NormTerms(
      scale: norm.scale + step, shift: norm.shift + step, slope: norm.slope + step, mean: norm.mean + step,
      a: norm.a + step, b: norm.b + step)
  }
}

/// A tensor that is written.
package struct TensorWrite {
  package var base: UnsafeMutablePointer<Float>
  package var stride: Int
  /// Adds to what is there.
  package var isAdding: Bool

  @inlinable
  package init(base: UnsafeMutablePointer<Float>, stride: Int, isAdding: Bool = false) {
    (self.base, self.stride, self.isAdding) = (base, stride, isAdding)
  }
}

/// The gradient of a convolution's output, as its weight gradient reads it.
///
/// Where a normalisation followed, `values` still holds the gradient of the normalised output: reading
/// turns it into the gradient of the convolution's own output, in place, from that output in `output`.
package struct GradientRead {
  package var values: UnsafeMutablePointer<Float>
  package var stride: Int
  package var output: TensorRead?

  @inlinable
  package init(values: UnsafeMutablePointer<Float>, stride: Int, output: TensorRead?) {
    (self.values, self.stride, self.output) = (values, stride, output)
  }
}

/// What is gathered from a result while it is written.
package enum Epilogue {
  case none
  /// Σy and Σy² per channel, added to `sums` (two runs of as many values as there are channels).
  case moments(sums: UnsafeMutablePointer<Double>)
  /// Σdz and Σdz·(x − mean): the result is the gradient dy of leaky(norm(x)).
  case normGradient(input: TensorRead, sums: UnsafeMutablePointer<Double>)
}
