import Foundations

extension IntensityFit {
  /// Brings a scan to the common scale: voxels inside the mask are mapped, the others become 0.
  ///
  /// `voxels` and `mask` (0 outside) i fastest.
  package func apply(to voxels: inout [Float], mask: [UInt8], loop: ParallelLoop) {
    precondition(voxels.count == mask.count, "a mask has as many voxels as its scan")
    guard let mapping else {
      return map(&voxels, mask: mask, loop: loop, by: AffineMapping(centre: centre, spread: spread))
    }
    mapping.withUnsafeSegments { map(&voxels, mask: mask, loop: loop, by: $0) }
  }

  /// From the landmarks to their places on the scale, `centre` and `spread` of the scale in it; nil without landmarks.
  private var mapping: IntensityMapping? {
    guard let landmarks, let scale else { return nil }
    return IntensityMapping(from: landmarks.values, to: scale.landmarks.map { ($0 - centre) / spread })
  }

  private func map(
    _ voxels: inout [Float], mask: [UInt8], loop: ParallelLoop, by mapping: some VoxelMapping
  ) {
    let pieces = Pieces(of: voxels.count)
    voxels.withUnsafeMutableBufferPointer { voxels in
      // Safe: each piece changes its own voxels.
      nonisolated(unsafe) let voxels = voxels
      mask.withUnsafeBufferPointer { mask in
        loop.forEach(pieces.count) { [limits] piece, _ in
          for index in pieces[piece] {
            voxels[index] = mask[index] != 0 ? mapping(voxels[index].clamped(to: limits)) : 0
          }
        }
      }
    }
  }
}

private protocol VoxelMapping {
  func callAsFunction(_ value: Float) -> Float
}

extension IntensityMapping.Segments: VoxelMapping {}

private struct AffineMapping: VoxelMapping {
  let centre: Double
  let spread: Double

  @inline(__always)
  func callAsFunction(_ value: Float) -> Float { Float((Double(value) - centre) / spread) }
}
