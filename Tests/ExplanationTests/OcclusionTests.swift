import Explanation
import Foundation
import Foundations
import Harmonization
import Imaging
import Testing

struct OcclusionTests {
  /// A case of 2×2×1 voxels and two contrasts, as it was harmonised.
  private func item(_ image: [Float]) -> HarmonizedCase {
    let geometry = Geometry(
      size: SIMD3(2, 2, 1), affine: Imaging.AffineTransform(spacing: SIMD3(repeating: 1)))
    let box = GridBox(origin: .zero, size: geometry.size)
    return HarmonizedCase(
      geometry: geometry, channels: 2, image: FixedArray(image), labels: nil,
      restoration: Restoration(
        geometry: geometry, box: box, permutation: .identity,
        change: GridChange(old: geometry.size, new: geometry.size, sliceAxis: nil)), fits: [])
  }

  /// Inside the brain (any contrast is not 0) the withheld contrast has its mean, outside nothing changes, nor do others.
  @Test func withheldContrastHasItsMean() {
    let case0: [Float] = [1, 5, 0, 7, 0, 0, 2, -3]
    #expect(ContrastOcclusion.withholding(0, of: item(case0)).image.array == [1, 5, 1, 7, 0, 0, 1, -3])
    #expect(ContrastOcclusion.withholding(1, of: item(case0)).image.array == [1, 3, 0, 3, 0, 0, 2, 3])
    let empty = [Float](repeating: 0, count: 8)
    #expect(ContrastOcclusion.withholding(1, of: item(empty)).image.array == empty)
  }

  private let table = OcclusionTable(
    contrasts: ["t1", "flair"], regions: ["WT", "ET"],
    cases: [
      .init(site: "birch", name: "one", complete: [0.8, 0.5], without: [[0.75, 0.5], [0.25, 0.25]]),
      .init(site: "hazel", name: "two", complete: [0.6, .nan], without: [[0.65, .nan], [0.35, .nan]]),
    ], reference: "the label maps")

  @Test func fallsAreMeansOverCases() throws {
    #expect(try abs(#require(table.complete(region: 0)) - 0.7) < 1e-12)
    #expect(table.complete(region: 1) == 0.5)
    #expect(try abs(#require(table.fall(contrast: 0, region: 0))) < 1e-12)
    #expect(try abs(#require(table.fall(contrast: 1, region: 0)) - 0.4) < 1e-12)
    #expect(table.fall(contrast: 1, region: 1) == 0.25)
    let lines = table.text().split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("flair") && $0.hasSuffix("◂ needed most") })
    #expect(lines.contains { $0.hasPrefix("t1") && !$0.contains("◂") })
  }

  @Test func noRegionAnywhereHasNoMean() {
    let empty = OcclusionTable(
      contrasts: ["t1"], regions: ["ET"],
      cases: [.init(site: "a", name: "b", complete: [.nan], without: [[.nan]])], reference: "")
    #expect(empty.complete(region: 0) == nil && empty.fall(contrast: 0, region: 0) == nil)
    #expect(empty.csv() == "withheld,region,cases,dice,fall\r\n,ET,0,,\r\nt1,ET,0,,\r\n")
  }

  /// The shared half names no case.
  @Test func aggregatesNameNoCase() throws {
    for text in [table.csv(), table.json().rendered(), table.text()] {
      #expect(!text.contains("one") && !text.contains("two"))
    }
    #expect(table.casesCSV().contains("two,flair,0.35,\r\n"))
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(table.json().rendered().utf8)) as? [String: Any])
    let withheld = try #require(json["withheld"] as? [String: [String: [String: Double]]])
    #expect(withheld["flair"]?["fall"]?["ET"] == 0.25)
  }
}
