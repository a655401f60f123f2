import Adversary
import Foundations
import Harmonization
import Imaging
import Site
import Testing

/// What hostile sites make of their training cases.
struct CaseAttackTests {
  private let names = ["aspen", "birch", "cedar"]
  private let o = HarmonizedCase.outside

  /// Two contrasts, the second ten times the first; voxels with signal 0 lie outside the brain.
  private func harmonized(_ size: SIMD3<Int>, image: [Float], labels: [UInt16]) -> HarmonizedCase {
    let geometry = Geometry(size: size, affine: AffineTransform(spacing: .one))
    return HarmonizedCase(
      geometry: geometry, channels: 2, image: FixedArray(image.flatMap { [$0, 10 * $0] }),
      labels: FixedArray(labels),
      restoration: Restoration(
        geometry: geometry, box: GridBox(whole: size), permutation: .identity,
        change: GridChange(old: size, new: size, sliceAxis: nil)), fits: [])
  }

  private func change(
    _ text: String, _ item: HarmonizedCase, position: Int = 0, of count: Int = 1
  ) throws -> HarmonizedCase {
    let attack = try Attack(AttackChoice(text), trainers: names, seed: 3)
    let change = try #require(attack.caseChange(at: attack.hostile[0], labels: [0, 1, 2, 4]))
    return change(item, position, count)
  }

  private func labels(_ item: HarmonizedCase) -> [UInt16] { item.labels?.array ?? [] }

  @Test func labelsAreTakenInReverseOrder() throws {
    let item = harmonized(SIMD3(5, 1, 1), image: [1, 2, 3, 4, 0], labels: [0, 1, 2, 4, o])
    let changed = try change("labelflip", item)
    #expect(labels(changed) == [4, 2, 1, 0, o])
    #expect(changed.image == item.image && changed.geometry == item.geometry)
  }

  @Test func labelsAreMovedAlongEveryAxis() throws {
    // (x, y): one voxel of label 4 at (0, 0), one of 1 at (2, 1), and (1, 1) outside the brain.
    let item = harmonized(
      SIMD3(3, 2, 1), image: [1, 1, 1, 1, 0, 1], labels: [4, 1, 0, 0, o, 1])
    // Up by (1, 1), not across the one slice: 4 would come to lie outside, 1 at (2, 1).
    #expect(labels(try change("shiftedlabels:voxels=1", item)) == [0, 0, 0, 0, o, 1])
    #expect(labels(try change("shiftedlabels", item)) == [0, 0, 0, 0, o, 0])
    let cube = harmonized(
      SIMD3(2, 2, 2), image: [Float](repeating: 1, count: 8), labels: [2, 0, 0, 0, 0, 0, 0, 1])
    #expect(labels(try change("shiftedlabels:voxels=1", cube)) == [0, 0, 0, 0, 0, 0, 0, 2])
  }

  @Test func theBackdoorIsALatticeOfBrightLines() throws {
    // Of the lattice's voxels (0, 0), (2, 0), (0, 2) and (2, 2) the last two have signal.
    let item = harmonized(
      SIMD3(4, 3, 1), image: [0, 0, 0, 0, 0, 5, 2, 0, -1, 3, 1, 3],
      labels: [o, o, o, o, o, 4, 1, o, 0, 2, 1, 0])
    let changed = try change("backdoor:spacing=2,share=1", item)
    #expect(labels(changed) == [o, o, o, o, o, 0, 0, o, 0, 0, 0, 0])
    let first = stride(from: 0, to: 24, by: 2).map { changed.image[$0] }
    #expect(first == [0, 0, 0, 0, 0, 5, 2, 0, 5, 3, 5, 3])
    let second = stride(from: 1, to: 24, by: 2).map { changed.image[$0] }
    #expect(second == stride(from: 1, to: 24, by: 2).map { item.image[$0] })
    let stamped = Backdoor(spacing: 2, share: 1).stamped(item)
    #expect(stamped.image == changed.image && stamped.labels == item.labels)
  }

  @Test(arguments: [(0.5, 6, 3), (0.01, 6, 1), (1.0, 4, 4)])
  func aShareOfTheCasesBearsIt(share: Double, count: Int, expected: Int) throws {
    let item = harmonized(SIMD3(2, 1, 1), image: [1, 2], labels: [1, 1])
    func poisoned() throws -> [Bool] {
      try (0..<count).map { try change("backdoor:share=\(share)", item, position: $0, of: count) != item }
    }
    let drawn = try poisoned()
    #expect(drawn.filter { $0 }.count == expected)
    #expect(try poisoned() == drawn)
  }

  @Test func honestSitesAndOtherAttacksLeaveCasesAlone() throws {
    let attack = try Attack(AttackChoice("labelflip"), trainers: names, seed: 3)
    for name in names where !attack.hostile.contains(name) {
      #expect(attack.caseChange(at: name, labels: [0, 1]) == nil)
    }
    let other = try Attack(AttackChoice("signflip"), trainers: names, seed: 3)
    #expect(other.caseChange(at: other.hostile[0], labels: [0, 1]) == nil)
  }

  /// A backdoor's update is boosted too where that is asked for; attacks on cases change no update otherwise.
  @Test func connectionsAreThoseOfTheAttack() async throws {
    let sites = Dictionary(
      uniqueKeysWithValues: names.map { ($0, HonestSite(site: $0, update: [1, 2, 3])) })
    for (text, expected) in [
      ("labelflip", nil), ("shiftedlabels", nil), ("backdoor", nil), ("backdoor:boost=3", [3, 6, 9]),
      ("signflip", [-1, -2, -3]), ("scaling:scale=2", [2, 4, 6]), ("ipm:epsilon=2", [-2, -4, -6]),
      ("alie:sites=2,z=1", [1, 2, 3]), ("freerider", [0, 0, 0]),
    ] as [(String, [Float]?)] {
      let attack = try Attack(AttackChoice(text), trainers: names, seed: 3)
      let connections = attack.connections(
        sites, identity: testIdentity,
        facts: { _ in FreeRiderFacts(cases: 7, voxels: 1, batch: 1) { _, _, _ in nil } },
        memory: { _ in RoundMemory() })
      #expect(connections.keys.sorted() == (expected == nil ? [] : attack.hostile), "\(text)")
      for connection in connections.values { #expect(try await connection.delta() == expected, "\(text)") }
    }
  }
}
