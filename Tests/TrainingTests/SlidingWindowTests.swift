import Foundation
import Foundations
import Tensor
import TestSupport
import Testing
import Training

struct SlidingWindowTests {
  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [Axes(8, 16, 12), Axes(5, 7, 9), Axes(1, 64, 48), Axes(32, 48, 48)])
  func weightsEqualTheReference(patch: Axes) throws {
    let output = try PythonReference.run(
      script: "sliding_window_reference.py",
      arguments: ["weights", "\(patch.depth)", "\(patch.height)", "\(patch.width)"])
    let expected = doubles(output)
    let found = SlidingWindow.weights(patch)
    #expect(found.count == expected.count && found.count == patch.product)
    #expect(found.allSatisfy { $0 > 0 } && found.max() == 1)
    for (value, reference) in zip(found, expected) {
      // SciPy cuts the kernel at 4σ and normalises it; Float keeps 24 bits.
      #expect(abs(Double(value) - reference) <= 1e-6 * reference)
    }
  }

  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage), arguments: [2, 5, 16, 48, 64])
  func startsEqualTheReference(patch: Int) throws {
    let extents = patch...(4 * patch + 3)
    let output = try PythonReference.run(
      script: "sliding_window_reference.py",
      arguments: ["starts", "\(patch)", "0.5"] + extents.map(String.init))
    var rest = doubles(output).map { Int($0) }[...]
    for extent in extents {
      let count = try #require(rest.first)
      #expect(
        SlidingWindow.starts(extent, patch) == Array(rest.dropFirst().prefix(count)), "\(extent) in \(patch)")
      rest = rest.dropFirst(count + 1)
    }
    #expect(rest.isEmpty)
  }

  @Test(arguments: [1, 2, 7, 16, 33])
  func windowsCoverTheCase(patch: Int) {
    for extent in 1...(5 * patch) {
      let starts = SlidingWindow.starts(extent, patch)
      #expect(starts == starts.sorted())
      let covered = Set(starts.flatMap { $0..<($0 + patch) })
      #expect(covered.isSuperset(of: 0..<extent), "\(extent) in \(patch): \(starts)")
      if extent >= patch { #expect(covered == Set(0..<extent)) }
      for (one, next) in zip(starts, starts.dropFirst()) { #expect(next - one <= (patch + 1) / 2) }
    }
  }

  /// The example in nnU-Net's source.
  @Test func startsOfThePublishedExample() {
    #expect(SlidingWindow.starts(110, 64) == [0, 23, 46])
    #expect(SlidingWindow.starts(60, 64) == [-2])
  }

  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage), arguments: [0.3, 0.75, 1])
  func otherStepsEqualTheReference(step: Double) throws {
    let extents = Array(16...70)
    let output = try PythonReference.run(
      script: "sliding_window_reference.py",
      arguments: ["starts", "16", "\(step)"] + extents.map(String.init))
    var rest = doubles(output).map { Int($0) }[...]
    for extent in extents {
      let count = try #require(rest.first)
      #expect(
        SlidingWindow.starts(extent, 16, step: step) == Array(rest.dropFirst().prefix(count)), "\(extent)")
      rest = rest.dropFirst(count + 1)
    }
  }

  private func doubles(_ data: Data) -> [Double] {
    data.withUnsafeBytes { bytes in
      (0..<(bytes.count / 8)).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
    }
  }
}
