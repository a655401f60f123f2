import Foundations
import Imaging

/// What an audit found out about a site, case by case. Stays at the site.
package struct SiteInspection: Sendable, Equatable {
  package let name: String
  package private(set) var cases: [CaseInspection]
  /// About the site's folder itself.
  package let findings: [Finding]

  /// Compares the cases with each other: duplicates by content, and the odd one out whose left and right are turned.
  package init(name: String, cases: [CaseInspection], findings: [Finding]) {
    self.name = name
    self.cases = cases
    self.findings = findings
    findDuplicates()
    findOddOrientations()
  }

  private mutating func findDuplicates() {
    var first: [UInt64: (index: Int, scan: ScanInspection)] = [:]
    for index in cases.indices {
      for scan in cases[index].scans {
        guard let (other, same) = first[scan.contentHash] else {
          first[scan.contentHash] = (index, scan)
          continue
        }
        add(scan, index, sameAs: same, other)
        if other != index { add(same, other, sameAs: scan, index) }
      }
    }
  }

  private mutating func add(
    _ scan: ScanInspection, _ index: Int, sameAs other: ScanInspection, _ otherIndex: Int
  ) {
    let place = otherIndex == index ? "this case" : cases[otherIndex].name
    cases[index].findings.append(
      Finding(
        .duplicateWithin, file: scan.file,
        "\(scan.contrast) holds the same voxels as \(other.contrast) of \(place)"))
  }

  /// Cases from which on a site's usual orientation is known, and the least share of cases that have it.
  private static let oddOneOut = (leastCases: 4, usualShare: 0.75)

  private mutating func findOddOrientations() {
    let places = cases.map(\.firstScanFile)
    let sides = places.compactMap { $0.flatMap(Side.init) }
    guard sides.count >= Self.oddOneOut.leastCases else { return }
    let counts = Dictionary(grouping: sides) { $0 }.mapValues(\.count)
    guard
      let usual = counts.first(where: { Double($0.value) >= Self.oddOneOut.usualShare * Double(sides.count) })
    else { return }
    for (index, file) in places.enumerated() {
      guard let file, let side = Side(file), side != usual.key else { continue }
      cases[index].findings.append(
        Finding(
          .leftRight, file: file.name,
          "lies \(file.orientation ?? ""), \(file.isRightHanded == true ? "right" : "left")-handed, unlike \(usual.value) of "
            + "the site's \(sides.count) cases: check that it is not mirrored"))
    }
  }

  /// What must be usual at a site: which way left and right run, and whether a grid is mirrored.
  private struct Side: Hashable {
    let letter: Character
    let isRightHanded: Bool

    init?(_ file: FileInspection) {
      guard let letter = file.side, let isRightHanded = file.isRightHanded else { return nil }
      self.letter = letter
      self.isRightHanded = isRightHanded
    }
  }

  // MARK: - Content shared with other sites

  /// The digests that the site hands over.
  package func digests(key: [UInt8]) -> ContentDigests {
    let hashes = Set(cases.flatMap { $0.scans.map(\.contentHash) })
    let digests = hashes.map { ContentDigests.digest($0, key: key) }
    return ContentDigests(site: name, digests: digests.sorted { $0.lexicographicallyPrecedes($1) })
  }

  /// Notes which of the site's own scans another site has too, from the digests that both told.
  package mutating func note(_ shared: [SharedContent], key: [UInt8]) {
    for pair in shared where pair.sites.contains(name) {
      let other = pair.sites.first { $0 != name } ?? name
      for index in cases.indices {
        for scan in cases[index].scans
        where pair.digests.contains(ContentDigests.digest(scan.contentHash, key: key)) {
          cases[index].findings.append(
            Finding(
              .duplicateBetween, file: scan.file,
              "\(scan.contrast) holds the same voxels as a scan at the site \(other)"))
        }
      }
    }
  }
}
