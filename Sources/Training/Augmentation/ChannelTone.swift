import Kernels

/// A channel's changes of intensity: what is still to be done to the stored values, and what is known of
/// the result.
///
/// Changes are composed as long as they are straight lines, and statistics follow them; only a curve, or a
/// clamp that something else builds on, goes over the voxels.
struct ChannelTone {
  /// Mean, deviation (n − 1) and extremes of a channel.
  private struct Statistics {
    var mean: Double
    var deviation: Double
    var low: Double
    var high: Double

    init(_ moments: PlaneMoments, count: Int) {
      let n = Double(count)
      mean = moments.sum / n
      let spread = max(0, moments.squares - moments.sum * moments.sum / n)
      deviation = (spread / max(1, n - 1)).squareRoot()
      (low, high) = (Double(moments.low), Double(moments.high))
    }

    mutating func transform(scale: Double, shift: Double) {
      mean = scale * mean + shift
      deviation *= abs(scale)
      (low, high) = (scale * low + shift, scale * high + shift)
      if scale < 0 { swap(&low, &high) }
    }
  }

  private let plane: UnsafeMutablePointer<Float>
  private let count: Int
  private let kernels: any KernelSet.Type
  private var scale = 1.0
  private var shift = 0.0
  private var bounds: ClosedRange<Double>?
  private var known: Statistics?

  init(_ plane: UnsafeMutablePointer<Float>, count: Int, kernels: any KernelSet.Type) {
    (self.plane, self.count, self.kernels) = (plane, count, kernels)
  }

  /// What remains to be done.
  var tone: Tone {
    var tone = Tone(scale: Float(scale), shift: Float(shift))
    if let bounds { (tone.low, tone.high) = (Float(bounds.lowerBound), Float(bounds.upperBound)) }
    return tone
  }

  /// To be called before the stored values are filtered: a clamp does not commute with that.
  mutating func settleClamp() {
    if bounds != nil { store() }
    known = nil
  }

  mutating func multiply(by factor: Double) {
    append(scale: factor, shift: 0)
    known?.transform(scale: factor, shift: 0)
  }

  /// Contrast about the mean, the range kept.
  mutating func stretch(by factor: Double) {
    let old = statistics()
    let shift = old.mean * (1 - factor)
    append(scale: factor, shift: shift)
    if factor <= 1 {
      known?.transform(scale: factor, shift: shift)
    } else {
      bounds = old.low...old.high
      known = nil
    }
  }

  /// ((x − low) / range)^exponent · range + low, then mean and deviation as they were; on −x if inverted.
  mutating func bend(exponent: Double, isInverted: Bool) {
    let sign = isInverted ? -1.0 : 1.0
    var old = statistics()
    old.transform(scale: sign, shift: 0)
    let range = old.high - old.low
    let inverse = 1 / max(range, 1e-7)
    append(scale: sign, shift: 0)
    append(scale: inverse, shift: -old.low * inverse)
    bounds = 0...1
    let moments = kernels.applyPower(plane, count: count, tone: tone, exponent: Float(exponent))
    (scale, shift, bounds) = (1, 0, nil)
    var new = Statistics(moments, count: count)
    let ratio = old.deviation / max(new.deviation * range, 1e-7)
    let gain = sign * range * ratio
    let offset = sign * old.mean - gain * new.mean
    append(scale: gain, shift: offset)
    new.transform(scale: gain, shift: offset)
    known = new
  }

  private mutating func append(scale factor: Double, shift offset: Double) {
    scale *= factor
    shift = factor * shift + offset
    if let old = bounds {
      let ends = (factor * old.lowerBound + offset, factor * old.upperBound + offset)
      bounds = min(ends.0, ends.1)...max(ends.0, ends.1)
    }
  }

  private mutating func statistics() -> Statistics {
    if let known { return known }
    if bounds != nil { return store() }
    var found = Statistics(kernels.moments(plane, count: count), count: count)
    found.transform(scale: scale, shift: shift)
    known = found
    return found
  }

  /// Does what remains.
  @discardableResult
  private mutating func store() -> Statistics {
    let found = Statistics(kernels.applyTone(plane, count: count, tone: tone), count: count)
    (scale, shift, bounds, known) = (1, 0, nil, found)
    return found
  }
}
