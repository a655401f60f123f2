import Foundation
import Foundations
import Harmonization
import Testing

@Suite struct FuzzyTissuesTests {
  private let phantom = TissuePhantom(voxels: 20_000, seed: 3)

  @Test func whiteMatterIsTheBrightestTissue() throws {
    let tissues = try FuzzyTissues(
      t1: phantom.t1, mask: phantom.mask, clip: 0...99, contrast: "t1", loop: .serial)
    let share = tissues.whiteMatter(t1: phantom.t1, mask: phantom.mask, loop: .serial)
    #expect(tissues.centres.x < tissues.centres.y && tissues.centres.y < tissues.centres.z)
    #expect(zip(share, phantom.mask).allSatisfy { $1 == 0 ? $0 == 0 : (0...1).contains($0) })
    let wrong = zip(phantom.t1, share).count { value, share in
      let nearest = (0..<3).min {
        abs(tissues.centres[$0] - Double(value)) < abs(tissues.centres[$1] - Double(value))
      }
      return value > 0 && (nearest == 2) != (share > 0.5) && abs(share - 0.5) > 0.1
    }
    #expect(wrong == 0)
  }

  @Test func tissuesAreKept() throws {
    let tissues = try FuzzyTissues(
      t1: phantom.t1, mask: phantom.mask, clip: 1...99, contrast: "t1", loop: .serial)
    let kept = try JSONDecoder().decode(FuzzyTissues.self, from: JSONEncoder().encode(tissues))
    #expect(kept == tissues)
  }

  @Test func t1IsKnownByName() {
    for name in ["t1", "T1w", "t1n", "t1ce", "t1c", "ce-gadolinium_T1w", "T1 Gd"] {
      #expect(ContrastName.isT1(name), "\(name)")
    }
    for name in ["t2", "t2w", "FLAIR", "t2f", "CT", "pd"] { #expect(!ContrastName.isT1(name), "\(name)") }
    #expect(ContrastName.tissueReference(in: ["flair", "t1ce", "t1"]) == 2)
    #expect(ContrastName.tissueReference(in: ["FLAIR", "t1gd", "T2w"]) == 1)
    #expect(ContrastName.tissueReference(in: ["FLAIR", "T2w"]) == nil)
  }
}
