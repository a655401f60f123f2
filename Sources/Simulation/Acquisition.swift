import Foundations
import Imaging

/// What a scanner adds to one case: gain, bias field, noise and rounding.
struct Acquisition: Sendable {
  let scanner: Scanner
  let identity: CaseIdentity
  /// Signal of white matter in each contrast.
  let white: SIMD4<Float>
  /// Stored level of white matter in each contrast for this case.
  let levels: SIMD4<Float>
  /// Fine structure within tissues, one field for each contrast.
  let texture: NoiseField
  /// Bias field: nine coefficients (x, y, z, their squares and products) for each contrast.
  private let bias: [[Double]]

  init(
    scanner: Scanner, white: SIMD4<Float>, identity: CaseIdentity, stream: inout RandomStream
  ) {
    self.scanner = scanner
    self.white = white
    self.identity = identity
    var levels = SIMD4<Float>.zero
    for contrast in 0..<4 { levels[contrast] = Float(scanner.whiteLevel * stream.uniform(0.8...1.25)) }
    self.levels = levels
    texture = NoiseField(period: 32, spacing: 5, stream: &stream)
    // One coil pattern for the whole session, with some change between contrasts.
    let common = (0..<9).map { _ in stream.normal() }
    bias = (0..<4).map { _ in
      let own = common.map { $0 + 0.35 * stream.normal() }
      let size = max(1e-6, own.reduce(0) { $0 + abs($1) })
      // The field's logarithm runs over about ± half of the end-to-end change.
      return own.map { $0 / size * scanner.biasField * 1.15 }
    }
  }

  /// The bias field's factor at a position in mm.
  func biasFactor(_ contrast: Int, at position: SIMD3<Float>) -> Double {
    let x = Double(position.x) / 70
    let y = Double(position.y) / 85
    let z = Double(position.z) / 70
    let c = bias[contrast]
    let linear = c[0] * x + c[1] * y + c[2] * z
    let square = c[3] * (x * x - 0.3) + c[4] * (y * y - 0.3) + c[5] * (z * z - 0.3)
    return PortableMath.exp(linear + square + c[6] * x * y + c[7] * y * z + c[8] * z * x)
  }

  /// One volume for each contrast: bias, Rician noise √((S + n₁)² + n₂²), rounding to what the file can hold.
  func scans(
    _ signals: [SIMD4<Float>], _ labels: [SIMD4<Float>], fine: FineGrid, geometry: Geometry,
    loop: ParallelLoop
  ) -> [Volume] {
    (0..<4).map { contrast in
      var voxels = [Float](repeating: 0, count: geometry.count)
      voxels.withUnsafeMutableBufferPointer { target in
        nonisolated(unsafe) let target = target
        signals.withUnsafeBufferPointer { signals in
          nonisolated(unsafe) let signals = signals
          labels.withUnsafeBufferPointer { labels in
            nonisolated(unsafe) let labels = labels
            loop.forEach(fine.size.z) { k, _ in
              acquire(contrast, slice: k, signals, labels, fine: fine, geometry: geometry, into: target)
            }
          }
        }
      }
      return Volume(geometry: geometry, voxels: voxels)
    }
  }

  private func acquire(
    _ contrast: Int, slice k: Int, _ signals: UnsafeBufferPointer<SIMD4<Float>>,
    _ labels: UnsafeBufferPointer<SIMD4<Float>>, fine: FineGrid, geometry: Geometry,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    var stream = RandomStream(
      seed: identity.seed, purpose: .noise, site: identity.site, round: identity.number, step: contrast,
      sample: k)
    let gain = Double(levels[contrast] / white[contrast])
    let deviation = scanner.noise * Double(levels[contrast])
    let slope = scanner.slope
    let ceiling = Acquisition.ceiling(scanner.dataType) * slope
    for j in 0..<fine.size.y {
      let from = fine.size.x * (j + fine.size.y * k)
      let into = geometry.offset(fine.lower.x, fine.lower.y + j, fine.lower.z + k)
      for i in 0..<fine.size.x where labels[from + i].w >= 0.5 {
        let voxel = SIMD3(
          Double(fine.lower.x + i), Double(fine.lower.y + j), Double(fine.lower.z + k))
        let world = geometry.affine.world(voxel)
        let position = SIMD3(Float(world.x), Float(world.y), Float(world.z))
        let signal = Double(signals[from + i][contrast]) * gain * biasFactor(contrast, at: position)
        let real = signal + deviation * stream.normal()
        let imaginary = deviation * stream.normal()
        let magnitude = (real * real + imaginary * imaginary).squareRoot()
        // At least one step above 0, so that the brain can be told from the background.
        let stored = max(1, (min(magnitude, ceiling) / slope).rounded(.toNearestOrEven))
        target[into + i] = Float(stored * slope)
      }
    }
  }

  /// The largest number that is stored; floating-point files hold whole numbers too, as scanners' exports do.
  private static func ceiling(_ type: NIfTIDataType) -> Double {
    switch type {
    case .uint8: 255
    case .int8: 127
    case .uint16: 65535
    default: 32767
    }
  }
}
