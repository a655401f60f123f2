import Foundations

/// Four smooth random functions of position in one: a periodic lattice of vectors, joined by quadratic B-splines.
///
/// Everything that varies smoothly in a simulated head (shape, cortical depth, texture) comes from
/// such fields. Only plain IEEE operations are used, so the values are equal on every machine.
package struct NoiseField: Sendable {
  /// Nodes along each axis before the pattern repeats.
  let period: Int
  private let inverseSpacing: Float
  private let stride: Int
  /// (period + 2)³ nodes, x fastest, padded so that three neighbours never wrap.
  private let nodes: [SIMD4<Float>]

  /// Fills the lattice from a function of the node's indices; node `period / 2` lies at 0 mm.
  init(period: Int, spacing: Float, _ value: (_ i: Int, _ j: Int, _ k: Int) -> SIMD4<Float>) {
    self.period = period
    inverseSpacing = 1 / spacing
    stride = period + 2
    var core = [SIMD4<Float>]()
    core.reserveCapacity(period * period * period)
    for k in 0..<period {
      for j in 0..<period {
        for i in 0..<period { core.append(value(i, j, k)) }
      }
    }
    var padded = [SIMD4<Float>]()
    padded.reserveCapacity(stride * stride * stride)
    for k in 0..<stride {
      for j in 0..<stride {
        let row = period * ((j + period - 1) % period + period * ((k + period - 1) % period))
        for i in 0..<stride { padded.append(core[(i + period - 1) % period + row]) }
      }
    }
    nodes = padded
  }

  /// Independent normal numbers at each node: four fields of wavelength about 4 × `spacing` mm, deviation near 0.4.
  package init(period: Int, spacing: Float, stream: inout RandomStream) {
    // A copy, because an inout parameter cannot be captured.
    var source = stream
    self.init(period: period, spacing: spacing) { _, _, _ in
      SIMD4(
        Float(source.normal()), Float(source.normal()), Float(source.normal()), Float(source.normal()))
    }
    stream = source
  }

  /// The four values at a position in mm.
  @inline(__always)
  package func sample(_ position: SIMD3<Float>) -> SIMD4<Float> {
    // Positions stay within a few periods of 0; the shift makes them positive before truncation.
    let u = position * inverseSpacing + Float(period * 8 + period / 2) + 0.5
    // Scalar conversions: the standard library's vector conversion is not specialised.
    let wholeX = UInt32(u.x)
    let wholeY = UInt32(u.y)
    let wholeZ = UInt32(u.z)
    let t = u - SIMD3(Float(wholeX), Float(wholeY), Float(wholeZ)) - 0.5
    let repeats = UInt32(truncatingIfNeeded: period)
    let i = Int(wholeX % repeats)
    let j = Int(wholeY % repeats)
    let k = Int(wholeZ % repeats)
    let below = 0.5 * (0.5 - t) * (0.5 - t)
    let middle = 0.75 - t * t
    let above = 0.5 * (0.5 + t) * (0.5 + t)
    var total = SIMD4<Float>.zero
    for dk in 0..<3 {
      let weightK = dk == 0 ? below.z : dk == 1 ? middle.z : above.z
      for dj in 0..<3 {
        let weight = weightK * (dj == 0 ? below.y : dj == 1 ? middle.y : above.y)
        let row = i + stride * (j + dj + stride * (k + dk))
        let along = nodes[row] * below.x + nodes[row + 1] * middle.x + nodes[row + 2] * above.x
        total += along * weight
      }
    }
    return total
  }
}

extension NoiseField {
  /// A field whose waves all have one length, as cortical folds do: (g, ∂g/∂x, ∂g/∂y, ∂g/∂z), g of deviation near 1.
  ///
  /// The sum of many plane waves of one wavelength in random directions: its zero level is a labyrinth of
  /// sheets about half a wavelength apart. Gradients are per mm.
  package static func folds(wavelength: Double, stream: inout RandomStream) -> NoiseField {
    let period = 48
    let spacing = 5.0
    let waveCount = 28
    let amplitude = Float((2.0 / Double(waveCount)).squareRoot())
    var waves: [(k: SIMD3<Double>, phase: Double)] = []
    for _ in 0..<waveCount {
      var direction = SIMD3(stream.normal(), stream.normal(), stream.normal())
      direction /= max(1e-6, (direction * direction).sum().squareRoot())
      let length = wavelength * stream.uniform(0.86...1.16)
      waves.append((direction * (2 * Double.pi / length), stream.uniform(0...(2 * Double.pi))))
    }
    var sums = [SIMD4<Float>](repeating: .zero, count: period * period * period)
    for wave in waves {
      let turn = wave.k * spacing
      let stepCos = Float(PortableMath.cos(turn.x))
      let stepSin = Float(PortableMath.sin(turn.x))
      let k = SIMD4<Float>(0, Float(wave.k.x), Float(wave.k.y), Float(wave.k.z))
      for row in 0..<(period * period) {
        let y = Double(row % period - period / 2)
        let z = Double(row / period - period / 2)
        let phase = wave.phase + turn.y * y + turn.z * z - turn.x * Double(period / 2)
        var s = Float(PortableMath.sin(phase))
        var c = Float(PortableMath.cos(phase))
        for i in 0..<period {
          var add = k * c
          add.x = s
          sums[row * period + i] += add * amplitude
          (s, c) = (s * stepCos + c * stepSin, c * stepCos - s * stepSin)
        }
      }
    }
    return NoiseField(period: period, spacing: Float(spacing)) { i, j, k in
      sums[i + period * (j + period * k)]
    }
  }
}
