import Foundation
import Foundations
import Harmonization
import Imaging
import Interchange
import TestSupport
import Testing

/// What nnunetv2's own preprocessor makes of a case: `Tests/Python/nnunet_golden.py` made the file.
@Suite struct NNUNetAgreementTests {
  private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden/nnunet.safetensors").path

  @Test(arguments: ["isotropic", "thick-slices", "to-thick-slices", "same-spacing"])
  func agreesWithItsPreprocessor(name: String) throws {
    let file = try SafetensorsFile.read(Self.golden)
    func tensor(_ part: String) throws -> NamedTensor {
      try #require(file.tensors.first { $0.name == "\(name).\(part)" })
    }
    let (images, labels, spacing) = (try tensor("images"), try tensor("labels"), try tensor("spacing").values)
    let size = SIMD3(labels.shape[2], labels.shape[1], labels.shape[0])
    func along(_ row: Int) -> SIMD3<Double> {
      let zyx = spacing[3 * row..<3 * row + 3].map { (Double($0) * 1e4).rounded() / 1e4 }
      return SIMD3(zyx[2], zyx[1], zyx[0])
    }
    let geometry = Geometry(size: size, affine: Imaging.AffineTransform(spacing: along(0)))
    let input = HarmonizationInput(
      contrasts: ["a", "b"],
      images: (0..<2).map { channel in
        Volume(
          geometry: geometry,
          voxels: Array(images.values[channel * geometry.count..<(channel + 1) * geometry.count]))
      }, labels: LabelVolume(geometry: geometry, labels: labels.values.map { UInt16($0) }))
    let mine = try Harmonizer.harmonize(
      input, to: TargetGrid(spacing: along(1), reorient: true), settings: .standard,
      loop: ParallelLoop(threads: 2))
    let result = try tensor("result")
    #expect([2, mine.size.z, mine.size.y, mine.size.x] == result.shape)
    let range = try #require(result.values.max()) - (try #require(result.values.min()))
    for channel in 0..<2 {
      let voxels = mine.volume(channel: channel).voxels
      let theirs = result.values[channel * voxels.count..<(channel + 1) * voxels.count]
      let worst = zip(voxels, theirs).map { abs($0 - $1) }.max() ?? .infinity
      #expect(worst < 1e-3 * range, "channel \(channel): \(worst) of \(range)")
    }
    // −1 is background outside the brain.
    let map = try #require(mine.labels).array.map { $0 == HarmonizedCase.outside ? -1 : Float($0) }
    let theirs = try tensor("result-labels").values
    #expect(theirs.contains(-1))
    let different = zip(map, theirs).count { $0 != $1 }
    #expect(different * 1000 <= theirs.count, "\(different) of \(theirs.count) labels differ")
    print("\(name): \(different) of \(theirs.count) labels differ from nnU-Net's")
  }
}
