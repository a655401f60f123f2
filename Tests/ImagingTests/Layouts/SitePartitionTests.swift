import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

@Suite struct SitePartitionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func dataset(_ cases: Int) -> DatasetFolder {
    let files = (0..<cases).map { index in
      let name = "c\(1000 + index)"
      return CaseFiles(name: name, images: [.init(contrast: "t1", path: "\(name).nii")], label: nil)
    }
    return DatasetFolder(sites: [SiteFolder(name: "all", path: "data", cases: files)])
  }

  private func split(
    _ data: DatasetFolder, _ partition: SitePartition, sites: Int? = nil, seed: UInt64 = 1
  ) throws -> DatasetFolder {
    try data.partitioned(into: sites, by: partition, seed: seed, path: "data", loop: .serial)
  }

  @Test(arguments: ["dirichlet:0.5", "size", "natural:fets23", "dirichlet:100.0"])
  func namesAreReadAsWritten(text: String) { #expect(SitePartition(text)?.description == text) }

  @Test(arguments: ["dirichlet", "dirichlet:0", "dirichlet:x", "natural", ""])
  func otherNamesAreRefused(text: String) { #expect(SitePartition(text) == nil) }

  @Test func everyCaseLiesAtOneSite() throws {
    let data = dataset(200)
    for partition in [SitePartition.dirichlet(0.3), .dirichlet(50)] {
      let made = try split(data, partition, sites: 12)
      #expect(made.sites.map(\.name) == (1...12).map { $0 < 10 ? "site-0\($0)" : "site-\($0)" })
      #expect(made.sites.flatMap(\.cases).map(\.name).sorted() == data.sites[0].cases.map(\.name))
      #expect(made.sites.allSatisfy { $0.cases.count >= DatasetFolder.leastCases })
      #expect(try split(data, partition, sites: 12) == made)
      #expect(try split(data, partition, sites: 12, seed: 2) != made)
    }
  }

  /// A small concentration makes unequal sites, a large one equal ones.
  @Test func concentrationSetsTheSkew() throws {
    let data = dataset(600)
    func spread(_ concentration: Double) throws -> Int {
      let sizes = try split(data, .dirichlet(concentration), sites: 6).sites.map(\.cases.count)
      return (sizes.max() ?? 0) - (sizes.min() ?? 0)
    }
    #expect(try spread(0.2) > 150)
    #expect(try spread(1000) < 30)
  }

  @Test func naturalSharesAreThoseOfFeTS() throws {
    let sizes = try split(dataset(1251), .naturalFeTS).sites.map(\.cases.count)
    #expect(sizes.reduce(0, +) == 1251)
    for (size, published) in zip(sizes, SitePartition.federatedTumourCounts) {
      // Three cases each come first, so that large sites give a little.
      #expect(abs(size - published) <= max(3, published / 15))
    }
  }

  @Test func sizeOrdersByLabelledVolume() throws {
    var cases: [CaseFiles] = []
    for index in 0..<6 {
      // One voxel more for each case, in a scrambled order of names; 8 mm³ a voxel at every other one.
      let voxels = (index * 5 + 2) % 6 + 1
      let isCoarse = voxels % 2 == 0
      let grid = Geometry(
        size: SIMD3(8, 1, 1), affine: AffineTransform(spacing: isCoarse ? SIMD3(2, 2, 2) : .one))
      let labels = LabelVolume(geometry: grid, labels: (0..<8).map { $0 < voxels ? 1 : 0 })
      try NIfTI.write(labels, to: folder.file("c\(index).nii"), options: .labels)
      cases.append(CaseFiles(name: "\(voxels)", images: [], label: folder.file("c\(index).nii")))
    }
    let data = DatasetFolder(sites: [SiteFolder(name: "all", path: "data", cases: cases)])
    let made = try split(data, .size, sites: 2)
    #expect(made.sites.map { $0.cases.map(\.name).sorted() } == [["1", "3", "5"], ["2", "4", "6"]])
  }

  @Test func whatCannotBeSplitIsRefused() throws {
    let two = DatasetFolder(sites: dataset(9).sites + [SiteFolder(name: "b", path: "b", cases: [])])
    #expect(throws: LayoutError.hasSites(path: "data", sites: ["all", "b"])) {
      try split(two, .size, sites: 2)
    }
    #expect(throws: LayoutError.fewCases(path: "data", cases: 9, sites: 4, least: 3)) {
      try split(dataset(9), .dirichlet(1), sites: 4)
    }
    #expect(throws: LayoutError.siteCount(path: "data", partition: "size", found: nil, expected: nil)) {
      try split(dataset(9), .size)
    }
    #expect(throws: LayoutError.siteCount(path: "data", partition: "natural:fets23", found: 4, expected: 23))
    {
      try split(dataset(90), .naturalFeTS, sites: 4)
    }
  }
}
