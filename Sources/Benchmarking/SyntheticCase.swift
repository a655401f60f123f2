import Foundations
import Training

/// Cases in memory of BraTS' size: 240×240×155 voxels, 4 contrasts, nested lesions in 3 classes.
enum SyntheticCase {
  static let size = SIMD3(240, 240, 155)
  static let contrasts = ["t1", "t1ce", "t2", "flair"]
  static let classes = 4

  static func cases(_ count: Int, loop: ParallelLoop) throws -> [TrainingCase] {
    try loop.map(count) { make(seed: UInt64($0)) }
  }

  /// Random voxels inside an ellipsoid, 0 around it, and one lesion of three shells.
  private static func make(seed: UInt64) -> TrainingCase {
    var stream = RandomStream(seed: seed, purpose: .test)
    let size = SIMD3<Double>(Self.size)
    let middle = size / 2
    let lesion = middle + SIMD3(stream.uniform(-30...30), stream.uniform(-30...30), stream.uniform(-20...20))
    let radius = stream.uniform(18...30)
    var image: [Float] = []
    var targets: [UInt8] = []
    image.reserveCapacity(Int(size.x * size.y * size.z) * contrasts.count)
    targets.reserveCapacity(Int(size.x * size.y * size.z))
    // A cheap sequence: the values do not matter, only that they are ordinary numbers.
    var state = UInt32(truncatingIfNeeded: seed &+ 1)
    for z in 0..<Self.size.z {
      for y in 0..<Self.size.y {
        for x in 0..<Self.size.x {
          let place = SIMD3(Double(x), Double(y), Double(z))
          let fromMiddle = (place - middle) / middle
          let isInside = (fromMiddle * fromMiddle).sum() < 0.8
          for _ in contrasts {
            state = state &* 1_664_525 &+ 1_013_904_223
            image.append(isInside ? Float(state >> 8) / 4_194_304 - 2 : 0)
          }
          let fromLesion = (place - lesion) / radius
          let distance = (fromLesion * fromLesion).sum()
          targets.append(
            !isInside ? TrainingCase.outside : distance > 1 ? 0 : distance > 0.5 ? 2 : distance > 0.2 ? 3 : 1)
        }
      }
    }
    return TrainingCase(
      size: Self.size, channels: contrasts.count, image: FixedArray(image), targets: targets, classes: classes
    )
  }
}
