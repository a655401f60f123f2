import Foundations

/// Scans of a brain of fluid, grey and white matter on a background of 0, voxel for voxel the same brain.
struct TissuePhantom {
  let mask: [UInt8]
  let t1: [Float]
  let t2: [Float]

  /// - Parameters:
  ///   - seed: of tissue shares, intensities and noise.
  ///   - isWhole: whether intensities are whole numbers, as in most scans.
  init(voxels: Int, seed: Int, isWhole: Bool = false) {
    var stream = RandomStream(seed: 21, purpose: .test, sample: seed)
    let fluid = stream.uniform(0.1...0.25)
    let grey = fluid + stream.uniform(0.35...0.45)
    let gain = stream.uniform(0.5...9)
    var (mask, t1, t2) = ([UInt8](), [Float](), [Float]())
    for voxel in 0..<voxels {
      let (draw, noise, other) = (stream.uniform(), stream.normal(), stream.normal())
      let tissue = draw < fluid ? 0 : draw < grey ? 1 : 2
      // A few voxels are vessels, far above the rest.
      let bright = voxel % 300 == 0 ? 150.0 : 0
      let one = gain * ([40.0, 70, 105][tissue] + [9.0, 7, 5][tissue] * noise + bright)
      let two = gain * ([190.0, 110, 80][tissue] + [16.0, 9, 6][tissue] * other + bright)
      let isInside = voxel % 5 > 0
      mask.append(isInside ? 1 : 0)
      t1.append(isInside ? Float(max(1, isWhole ? one.rounded() : one)) : 0)
      t2.append(isInside ? Float(max(1, isWhole ? two.rounded() : two)) : 0)
    }
    (self.mask, self.t1, self.t2) = (mask, t1, t2)
  }
}
