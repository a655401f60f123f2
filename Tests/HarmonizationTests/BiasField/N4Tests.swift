import Foundation
import Foundations
import Harmonization
import Imaging
import TestSupport
import Testing

@Suite struct N4Tests {
  private static let phantom = BrainPhantom(size: [60, 68, 56], spacing: 2)

  /// On the same voxels, for a given number of rounds, it is ITK's field; 2D too.
  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [SIMD3(32, 36, 30), SIMD3(70, 80, 1)])
  func isTheFieldOfITK(size: SIMD3<Int>) throws {
    let phantom = BrainPhantom(size: size, spacing: 4)
    let settings = N4Settings(iterations: [6, 6, 6], convergence: 0)
    let theirs = try referenceFields([phantom.volume], step: 1, settings: settings)[0]
    let field = try N4.field(
      of: phantom.volume, mask: phantom.mask, settings: settings, loop: ParallelLoop(threads: 2))
    let mine = field.factors(like: phantom.volume)
    let one = [Double](repeating: 1, count: mine.count)
    #expect(variation(of: theirs, against: one, in: phantom.volume) > 0.02)
    #expect(variation(of: mine, against: theirs, in: phantom.volume) < 1e-5)
    let worst = zip(mine, theirs).map { abs($0 / $1 - 1) }.max() ?? .infinity
    #expect(worst < 1e-4)
  }

  /// A known field is gone after it, as well as after ITK, from every second voxel.
  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [N4Settings.standard, .simpleITK])
  func removesAKnownField(settings: N4Settings) throws {
    let phantom = Self.phantom
    let theirs = try referenceFields([phantom.volume], step: 2, settings: settings)[0]
    let field = try N4.field(
      of: phantom.volume, mask: phantom.mask, settings: settings, loop: ParallelLoop(threads: 2))
    let mine = field.factors(like: phantom.volume)
    let one = [Double](repeating: 1, count: mine.count)
    let before = variation(of: one, against: phantom.field, in: phantom.volume)
    let left = variation(of: mine, against: phantom.field, in: phantom.volume)
    let leftByITK = variation(of: theirs, against: phantom.field, in: phantom.volume)
    #expect(left < 1.1 * leftByITK, "\(left), ITK \(leftByITK)")
    #expect(left < 0.2 * before && leftByITK < 0.2 * before, "\(left), ITK \(leftByITK) of \(before)")
  }

  @Test func bitsDoNotDependOnThreads() throws {
    let phantom = Self.phantom
    let results = try (1...3).map { threads in
      let loop = ParallelLoop(threads: threads)
      let field = try N4.field(of: phantom.volume, mask: phantom.mask, loop: loop)
      return (field, field.corrected(phantom.volume, loop: loop))
    }
    for (field, corrected) in results.dropFirst() {
      #expect(field == results[0].0 && corrected == results[0].1)
    }
  }

  /// A scan of one slice loses a known field too.
  @Test func aSliceHasAField() throws {
    let phantom = BrainPhantom(size: [96, 80, 1], spacing: 2)
    let field = try N4.field(of: phantom.volume, mask: phantom.mask, loop: .serial)
    let one = [Double](repeating: 1, count: phantom.field.count)
    let before = variation(of: one, against: phantom.field, in: phantom.volume)
    let left = variation(
      of: field.factors(like: phantom.volume), against: phantom.field, in: phantom.volume)
    #expect(left < 0.3 * before, "\(left) of \(before)")
  }

  /// Voxels without a logarithm change nothing.
  @Test func voxelsWithoutALogarithmAreLeftOut() throws {
    let phantom = BrainPhantom(size: [24, 24, 20], spacing: 4)
    var (volume, mask) = (phantom.volume, phantom.mask)
    let expected = try N4.field(of: volume, mask: mask, loop: .serial)
    for (index, value) in [Float(0), -50, .nan, .infinity].enumerated() {
      #expect(mask[index] == 0)
      (volume.voxels[index], mask[index]) = (value, 1)
    }
    #expect(try N4.field(of: volume, mask: mask, loop: .serial) == expected)
  }

  @Test func refusesWhatHasNoField() throws {
    let phantom = BrainPhantom(size: [20, 20, 16], spacing: 4)
    let (volume, none) = (phantom.volume, [UInt8](repeating: 0, count: 6400))
    #expect(throws: HarmonizationError.noBiasSample(brainVoxels: 0, distance: 4)) {
      try N4.field(of: volume, mask: none, loop: .serial)
    }
    let negative = Volume(geometry: volume.geometry, voxels: volume.voxels.map { -$0 })
    #expect(throws: HarmonizationError.noBiasSample(brainVoxels: 6400, distance: 4)) {
      try N4.field(of: negative, mask: none.map { _ in 1 }, loop: .serial)
    }
    let flat = Volume(geometry: volume.geometry, voxels: volume.voxels.map { _ in 7 })
    #expect(throws: HarmonizationError.flatBiasSamples(count: 6400)) {
      try N4.field(of: flat, mask: none.map { _ in 1 }, loop: .serial)
    }
    #expect(
      throws: HarmonizationError.badBiasSetting(
        name: "iterations", found: "[]", expected: "1 to 6 levels, each of 0 or more rounds")
    ) {
      try N4.field(of: volume, mask: phantom.mask, settings: N4Settings(iterations: []), loop: .serial)
    }
    let fine = N4Settings(iterations: [1, 1, 1, 1, 1, 1], controlPoints: 6)
    #expect(
      throws: HarmonizationError.badBiasSetting(
        name: "control_points", found: "6",
        expected: "4 or more, and few enough for 64 spans at the last level")
    ) {
      try N4.field(of: volume, mask: phantom.mask, settings: fine, loop: .serial)
    }
  }
}
