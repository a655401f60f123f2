import Foundation
import Foundations
import Imaging
import Simulation
import TestSupport
import Testing

@Suite struct SimulatorTests {
  private func small(_ output: String, profile: Profile = .demo) -> SimulationRequest {
    SimulationRequest(profile: profile, seed: 7, output: output, casesPerSite: 1, grid: .spacing(6))
  }

  private func files(_ folder: String) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
    var result: [String: Data] = [:]
    for name in names where name.contains(".") {
      result[name] = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
    }
    return result
  }

  @Test func sameSeedSameBytesWithAnyNumberOfThreads() throws {
    let folder = try TemporaryFolder()
    var request = small(folder.file("one"))
    request.threads = 1
    try Simulator.run(request)
    request.output = folder.file("two")
    request.threads = 2
    let summary = try Simulator.run(request)
    let one = try files(folder.file("one"))
    #expect(one == (try files(folder.file("two"))))
    #expect(one.count == 6 * 6 + 1)
    #expect(summary.cases == 6)
    request.output = folder.file("three")
    request.seed = 8
    try Simulator.run(request)
    let three = try files(folder.file("three"))
    let name = "aspen/aspen-001/aspen-001_t1.nii.gz"
    #expect(one[name] != nil && one[name] != three[name])
  }

  @Test func testCasesAreOtherHeadsFromTheSameScanner() throws {
    let folder = try TemporaryFolder()
    try Simulator.run(small(folder.file("train")))
    var request = small(folder.file("test"))
    request.split = .test
    try Simulator.run(request)
    let train = folder.file("train") + "/birch/birch-001/birch-001_flair.nii.gz"
    let test = folder.file("test") + "/birch/birch-test-001/birch-test-001_flair.nii.gz"
    #expect(try NIfTI.header(train) == NIfTI.header(test))
    #expect(try NIfTI.readVolume(train).voxels != NIfTI.readVolume(test).voxels)
  }

  /// Every file's header says what its profile says, and the folder is found as a data set.
  @Test func headersAreThoseOfTheScanners() throws {
    let folder = try TemporaryFolder()
    let request = SimulationRequest(
      seed: 7, output: folder.file("demo"), casesPerSite: 1)
    try Simulator.run(request)
    let found = try DatasetFolder.discover(request.output, requireLabels: true)
    #expect(found.contrasts == ["t1", "t1ce", "t2", "flair"])
    #expect(found.sites.count == 6)
    var orientations: Set<String> = []
    var types: Set<NIfTIDataType> = []
    for (site, scans) in zip(request.sites(), found.sites) {
      #expect(site.name == scans.name)
      let made = scans.cases[0]
      for path in made.images.map(\.path) + [made.label!] {
        let header = try NIfTI.header(path)
        let geometry = Geometry(size: header.size, affine: try header.affine(path: path))
        let expected = site.scanner.geometry(size: .one)
        for axis in 0..<3 {
          #expect(abs(geometry.spacing[axis] - expected.spacing[axis]) < 1e-5)
          let difference = geometry.affine.column(axis) - expected.affine.column(axis)
          #expect(max(abs(difference.x), abs(difference.y), abs(difference.z)) < 1e-4)
        }
        #expect((header.sformCode != 0) == (site.scanner.headerForm != .qform))
        #expect((header.qformCode != 0) == (site.scanner.headerForm != .sform))
        #expect(header.dataType == (path == made.label ? .uint8 : site.scanner.dataType))
      }
      orientations.insert(site.scanner.orientation)
      types.insert(site.scanner.dataType)
      let first = try NIfTI.readVolume(made.images[0].path)
      let labels = try NIfTI.readLabels(made.label!)
      #expect(first.geometry.size == labels.geometry.size)
      #expect(first.voxels[0] == 0)
      #expect(Set(labels.labels).isSubset(of: [0, 1, 2, 4]) && Set(labels.labels).count >= 3)
      #expect(zip(first.voxels, labels.labels).allSatisfy { $0 > 0 || $1 == 0 })
    }
    #expect(orientations == ["RAS", "LPS", "LAS", "PIR", "ASL"])
    #expect(types == [.int16, .uint8, .uint16, .float32])
  }

  @Test func slicesAreWrittenAsPNGWithPaletteLabels() throws {
    let folder = try TemporaryFolder()
    let request = SimulationRequest(
      profile: .slices2d, seed: 1, output: folder.file("slices"), casesPerSite: 1)
    try Simulator.run(request)
    let found = try DatasetFolder.discover(request.output, requireLabels: true)
    #expect(found.sites.count == 6)
    for site in found.sites {
      let made = site.cases[0]
      let image = try PNG.readImage(made.images[3].path)
      let labels = try PNG.readLabels(made.label!)
      #expect(image.count == 1 && image[0].geometry.size == labels.geometry.size)
      #expect(Set(labels.labels).isSubset(of: [0, 1, 2, 4]) && Set(labels.labels).count >= 2)
      let brain = image[0].voxels.filter { $0 > 0 }.count
      #expect(brain > 2000)
    }
  }

  @Test func fetsHasTheRealCounts() {
    let counts = Profile.fets23.sites(seed: 1).map(\.cases)
    #expect(counts.count == 23 && counts.reduce(0, +) == 1251)
    #expect(
      counts == [
        511, 6, 15, 47, 22, 34, 12, 8, 4, 8, 14, 11, 35, 6, 13, 30, 9, 382, 4, 33, 35, 7, 5,
      ])
    let all = SimulationRequest(profile: .fets23, output: "x").sites()
    #expect(SimulationRequest(profile: .fets23, output: "x", siteCount: 10).sites() == Array(all.prefix(10)))
    let scaled = SimulationRequest(profile: .fets23, output: "x", scale: 0.02).sites()
    #expect(scaled[0].cases == 10 && scaled[8].cases == 1)
    #expect(Set(scaled.map(\.name)).count == 23)
  }

  @Test func refusesAFullFolderAndReplacesItsOwnWithForce() throws {
    let folder = try TemporaryFolder()
    let request = small(folder.file("sites"))
    try Simulator.run(request)
    #expect(throws: SimulationError.outputNotEmpty(path: request.output)) { try Simulator.run(request) }
    var forced = request
    forced.force = true
    forced.seed = 9
    try Simulator.run(forced)
    #expect(FileManager.default.fileExists(atPath: request.output + "/dataset.yaml"))
    // A site's folder that somebody else made is left alone.
    let foreign = try folder.folder("other/birch")
    _ = try folder.write(Data("mine".utf8), "other/birch/notes.txt")
    forced.output = folder.file("other")
    #expect(throws: SimulationError.foreignFolder(path: forced.output + "/birch")) {
      try Simulator.run(forced)
    }
    #expect(FileManager.default.fileExists(atPath: foreign + "/notes.txt"))
  }

  @Test func badRequestsAreNamed() throws {
    let folder = try TemporaryFolder()
    #expect(
      throws: SimulationError.unknownProfile(name: "demi", known: ["demo", "fets23", "slices2d"])
    ) { try Profile(named: "demi") }
    var request = small(try folder.write(Data("x".utf8), "file"))
    #expect(throws: SimulationError.outputIsFile(path: request.output)) { try Simulator.run(request) }
    request = small(folder.file("a"))
    request.casesPerSite = 0
    #expect(throws: SimulationError.caseCount(found: 0)) { try Simulator.run(request) }
    request.casesPerSite = 1
    request.scale = 0
    #expect(throws: SimulationError.scale(found: 0)) { try Simulator.run(request) }
    request.scale = 1
    request.grid = .spacing(0.1)
    #expect(throws: SimulationError.self) { try Simulator.run(request) }
    #expect(!FileManager.default.fileExists(atPath: request.output))
    request = small("/proc/nowhere/sites")
    #expect(throws: FileError.self) { try Simulator.run(request) }
  }

  /// A case of BraTS' size with labels, written as gzip, on two threads: 5 s of wall time where nothing else runs.
  @Test func fullCaseTakesSeconds() throws {
    let folder = try TemporaryFolder()
    let request = SimulationRequest(
      seed: 3, output: folder.file("full"), casesPerSite: 1, grid: .brats, threads: 2)
    let site = request.sites()[0]
    let loop = ParallelLoop(threads: 2)
    let cpuStart = clock()
    let start = ProgressLine.now
    try Simulator.writeCase(site, number: 1, request: request, folder: folder.path, loop: loop)
    let wall = ProgressLine.now - start
    let cpu = Double(clock() - cpuStart) / Double(CLOCKS_PER_SEC)
    print("240×240×155, four contrasts and labels: \(wall) s of wall time, \(cpu) s of CPU time")
    let name = "aspen-001/aspen-001_t2.nii.gz"
    #expect(try NIfTI.header(folder.file(name)).size == SIMD3(240, 240, 155))
    // Loose, because tests run side by side on shared machines.
    #expect(cpu < 20)
  }
}
