import Foundation
import Foundations
import Harmonization
import Imaging
import TestSupport
import Testing
import Training

@Suite struct CaseCacheTests {
  private let folder: TemporaryFolder
  private let files: CaseFiles
  private var cache: String { folder.file("cache") }

  init() throws {
    folder = try TemporaryFolder()
    let geometry = Geometry(
      size: SIMD3(14, 12, 10),
      affine: Imaging.AffineTransform(spacing: SIMD3(1, -1, 2), origin: SIMD3(3, 4, 5)))
    var stream = RandomStream(seed: 4, purpose: .test)
    let inside = (0..<geometry.count).map { $0 % 14 > 2 && $0 % 14 < 12 && $0 / 14 % 12 > 1 }
    let voxels = inside.map { $0 ? Float(100 + 20 * stream.normal()) : 0 }
    let labels = inside.indices.map { UInt16(inside[$0] && $0 % 5 == 0 ? 2 : 0) }
    let scan = folder.file("a_t1.nii.gz")
    let map = folder.file("a_seg.nii.gz")
    try NIfTI.write(Volume(geometry: geometry, voxels: voxels), to: scan, options: NIfTIWriteOptions())
    try NIfTI.write(LabelVolume(geometry: geometry, labels: labels), to: map, options: .labels)
    files = CaseFiles(name: "a", images: [.init(contrast: "t1", path: scan)], label: map)
  }

  private func reading(_ change: (inout TrainingPlan) -> Void = { _ in }) -> CaseReading {
    var plan = SampleCases.plan(patch: [8, 8, 8], labels: 3)
    plan.spacing = [1.3, 1.1, 1.5]
    change(&plan)
    var reading = CaseReading(plan: plan, loop: .serial)
    reading.cache = cache
    return reading
  }

  private func prepared(_ reading: CaseReading) throws -> PreparedCase {
    try reading.prepare(files, site: "clinic", needsLabels: true, loop: .serial)
  }

  private var entries: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: cache + "/clinic")) ?? []).sorted()
  }

  private func modified(_ entry: String) throws -> Date {
    let attributes = try FileManager.default.attributesOfItem(atPath: cache + "/clinic/" + entry)
    return try #require(attributes[.modificationDate] as? Date)
  }

  @Test func whatIsKeptIsWhatWasMade() throws {
    var fresh = reading()
    fresh.cache = nil
    let made = try prepared(fresh)
    let first = try prepared(reading())
    #expect(entries.count == 1)
    let date = try modified(entries[0])
    let second = try prepared(reading())
    #expect(made == first && made == second)
    #expect(try modified(entries[0]) == date)
  }

  @Test func otherSettingsAndInputsMakeOtherEntries() throws {
    _ = try prepared(reading())
    _ = try prepared(reading { $0.spacing = [1, 1, 1] })
    _ = try prepared(reading { $0.harmonisation.intensity = .minMax })
    _ = try prepared(reading { $0.rounds = 99 })
    #expect(entries.count == 3)
    let map = try NIfTI.readLabels(try #require(files.label))
    var changed = map
    changed.labels[try #require(map.labels.firstIndex(of: 2))] = 1
    try NIfTI.write(changed, to: try #require(files.label), options: .labels)
    #expect(try prepared(reading()).reference == changed)
    #expect(entries.count == 4)
  }

  /// Every byte counts: damage anywhere, or a cut, and the entry is made again.
  @Test func damagedEntriesAreMadeAgain() throws {
    let whole = try prepared(reading())
    let path = cache + "/clinic/" + entries[0]
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for place in [0, 12, 40, bytes.count / 2, bytes.count - 1] {
      var damaged = bytes
      damaged[place] ^= 0x10
      try damaged.write(to: URL(fileURLWithPath: path))
      #expect(try prepared(reading()) == whole, "byte \(place)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }
    for length in [0, 7, 100, bytes.count - 33] {
      try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
      #expect(try prepared(reading()) == whole, "\(length) bytes")
    }
  }

  /// Fewer cases side by side where they are large for the ceiling; never none.
  @Test func theCeilingLimitsCasesSideBySide() {
    var reading = CaseReading(plan: reading().plan, loop: ParallelLoop(threads: 4))
    let cases = [CaseFiles](repeating: files, count: 6)
    reading.memoryCeiling = 1 << 30
    #expect(reading.sideBySide(cases) == 4)
    #expect(reading.sideBySide([files]) == 1)
    reading.memoryCeiling = 60_000
    #expect((1..<4).contains(reading.sideBySide(cases)))
    reading.memoryCeiling = 10
    #expect(reading.sideBySide(cases) == 1)
  }
}
