import Foundations
import Imaging

/// Where a case's brain mask comes from.
package enum BrainMaskKind: String, Codable, CaseIterable, Sendable {
  /// Voxels of skull-stripped scans that are not 0.
  case zeros
  /// Otsu's threshold, for heads with a skull or a noisy background.
  case otsu
  /// A label map that comes with the case.
  case given
}

/// Masks of the brain: 1 inside, 0 outside, i fastest.
package enum BrainMask {
  /// Where any contrast differs from 0, holes filled: nnU-Net's nonzero mask.
  ///
  /// `images`, one or more, lie on one grid.
  package static func nonzero(_ images: [Volume], loop: ParallelLoop) -> [UInt8] {
    precondition(!images.isEmpty, "a case has at least one contrast")
    let size = images[0].geometry.size
    precondition(images.allSatisfy { $0.geometry.size == size }, "a case's contrasts lie on one grid")
    var mask = [UInt8](unsafeUninitializedCapacity: images[0].voxels.count) { mask, initialized in
      mask.initialize(repeating: 0)
      initialized = mask.count
    }
    for image in images { mark(image, outside: 0...0, in: &mask, loop: loop) }
    fillHoles(&mask, size: size, loop: loop)
    return mask
  }

  /// The largest face-connected part above `OtsuThreshold`, holes filled; all 0 for a scan with one value.
  package static func otsu(_ image: Volume, loop: ParallelLoop) -> [UInt8] {
    var mask = [UInt8](repeating: 0, count: image.voxels.count)
    guard let threshold = OtsuThreshold(image.voxels, loop: loop)?.value else { return mask }
    mark(image, outside: -.infinity...threshold, in: &mask, loop: loop)
    keepLargestPart(&mask, size: image.geometry.size, loop: loop)
    fillHoles(&mask, size: image.geometry.size, loop: loop)
    return mask
  }

  /// Every label above 0.
  package static func given(_ labels: LabelVolume) -> [UInt8] {
    labels.labels.map { $0 > 0 ? 1 : 0 }
  }

  private static func mark(
    _ image: Volume, outside range: ClosedRange<Float>, in mask: inout [UInt8], loop: ParallelLoop
  ) {
    let pieces = Pieces(of: mask.count)
    let (low, high) = (range.lowerBound, range.upperBound)
    mask.withUnsafeMutableBufferPointer { mask in
      image.voxels.withUnsafeBufferPointer { voxels in
        loop.forEach(pieces.count) { piece, _ in
          for index in pieces[piece] {
            let value = voxels[index]
            mask[index] |= (value < low ? 1 : 0) | (value > high ? 1 : 0)
          }
        }
      }
    }
  }

  /// Sets background that no path through faces joins to the grid's border (SciPy's `binary_fill_holes`).
  static func fillHoles(_ mask: inout [UInt8], size: SIMD3<Int>, loop: ParallelLoop) {
    guard let box = GridBox(around: mask, size: size, loop: loop) else { return }
    // Outside the box all is background and joined, so that its faces stand for the grid's border.
    let parts = ConnectedComponents(
      of: 0, in: mask, box: box, size: size, connectivity: .faces, loop: loop)
    let isOpen = parts.touchingFaces()
    parts.write(1, into: &mask) { !isOpen[$0] }
  }

  /// Clears all face-connected parts but the one with the most voxels, of equals the first.
  static func keepLargestPart(_ mask: inout [UInt8], size: SIMD3<Int>, loop: ParallelLoop) {
    guard let box = GridBox(around: mask, size: size, loop: loop) else { return }
    let parts = ConnectedComponents(
      in: mask, box: box, size: size, connectivity: .faces, loop: loop)
    let voxels = parts.voxelCounts()
    let largest = voxels.firstIndex(of: voxels.max()!)
    parts.write(0, into: &mask) { $0 != largest }
  }
}
