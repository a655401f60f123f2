import Foundation
import Kernels
import Tensor
import TestSupport
import Testing

/// Every kernel on every variant that this CPU runs, on odd shapes.
@Suite struct KernelVariantsTests {
  @Test func everyKernelHasAProbe() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/Kernels")
    let text = try ["KernelSet.swift", "AugmentationKernels.swift"]
      .map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }.joined()
    let kernels = text.matches(of: /static func (\w+)\(/).map { String($0.1) }
    #expect(Set(kernels) == Set(KernelProbe.all.map(\.kernel)))
  }

  /// Only the portable variant rounds products before they are added.
  @Test(arguments: KernelProbe.all) func widerKernelsGiveEqualBits(_ probe: KernelProbe) {
    let variants = KernelChoice.available.filter { $0.name != "portable" }
    guard let first = variants.first else { return }
    let expected = probe.results(first, .heap).map(\.bitPattern)
    #expect(!expected.isEmpty)
    for other in variants.dropFirst() {
      #expect(probe.results(other, .heap).map(\.bitPattern) == expected, "\(other.name)")
    }
  }

  @Test(arguments: KernelProbe.all) func variantsAgree(_ probe: KernelProbe) {
    let expected = probe.results(KernelChoice.available[0], .heap)
    let scale = expected.filter(\.isFinite).map(abs).max() ?? 0
    for other in KernelChoice.available.dropFirst() {
      let found = probe.results(other, .heap)
      #expect(found.count == expected.count)
      let isClose = zip(found, expected).allSatisfy { $0.isNaN == $1.isNaN && !(abs($0 - $1) > 1e-5 * scale) }
      #expect(isClose, "\(other.name)")
    }
  }
}
