import Foundation
import Foundations
import Imaging
import Pictures

/// What cases of a data set should have.
struct CaseExpectation: Sendable {
  /// In the data set's order.
  let contrasts: [String]
  /// Whether any case has a label map.
  let labelled: Bool
  /// Values that the data set names; empty where it names none.
  let labelNames: Set<UInt16>

  /// A contrast counts as one where at least half of the cases with scans have it: a stray file's name is none, and does not
  /// reach the shared report.
  init(_ survey: DatasetSurvey) {
    let cases = survey.sites.flatMap(\.cases).map(\.files)
    let usable = cases.count { !$0.images.isEmpty }
    contrasts = survey.contrasts.filter { contrast in
      2 * cases.count { $0.images.contains { $0.contrast == contrast } } >= usable
    }
    labelled = cases.contains { $0.label != nil }
    labelNames = Set(survey.labels.map(\.value))
  }
}

/// Looks at one case, one scan in memory at a time; never throws for what it finds.
struct CaseInspector {
  private let expectation: CaseExpectation
  private let files: CaseFiles
  private var result: CaseInspection
  private var slices: SliceRow?
  private var labels: LabelVolume?
  /// The first scan's grid.
  private var grid: (geometry: Geometry, path: String)?
  /// 1 where a scan is not 0; of the label map's length, empty without one.
  private var covered: [UInt8] = []

  /// With `slices` also a row of the site's picture, nil where there is nothing to show.
  static func inspect(
    _ item: DatasetSurvey.Case, expectation: CaseExpectation, slices: Bool
  ) -> (CaseInspection, SliceRow?) {
    var inspector = CaseInspector(expectation: expectation, files: item.files, slices: slices)
    if let fault = item.fault {
      inspector.result.findings.append(Finding(.listing, fault.description))
    } else {
      inspector.inspectCompleteness()
    }
    inspector.inspectLabels()
    for path in item.files.imagePaths { inspector.inspectScans(of: path) }
    inspector.compareLabels()
    inspector.compareFiles()
    return (inspector.result, inspector.slices.flatMap { $0.isEmpty ? nil : $0 })
  }

  private init(expectation: CaseExpectation, files: CaseFiles, slices: Bool) {
    self.expectation = expectation
    self.files = files
    self.slices = slices ? SliceRow() : nil
    result = CaseInspection(name: files.name)
  }

  private mutating func add(_ kind: Finding.Kind, file: String? = nil, _ message: String) {
    result.findings.append(Finding(kind, file: file, message))
  }

  private mutating func inspectCompleteness() {
    let found = files.images.map(\.contrast)
    let missing = expectation.contrasts.filter { !found.contains($0) }
    if !missing.isEmpty {
      add(.missingContrast, "no \(missing.joined(separator: ", ")), which other cases have")
    }
    let extra = found.filter { !expectation.contrasts.contains($0) }
    if !extra.isEmpty { add(.extraContrast, "has \(extra.joined(separator: ", ")), which most cases lack") }
    if expectation.labelled && files.label == nil { add(.missingLabel, "no label map, and others have one") }
  }

  /// The header's reading and findings; false where the file cannot be read.
  private mutating func inspectHeader(_ path: String, contents: String) -> Bool {
    do {
      let (file, findings) = try FileInspector.inspect(path, contents: contents)
      result.files.append(file)
      result.findings += findings
      return true
    } catch {
      note(error, path)
      return false
    }
  }

  private mutating func note(_ error: any Error, _ path: String) {
    let described = error as? any DescribedError ?? FileError.unreadable(path: path, reason: "reading failed")
    result.findings.append(Finding(described, file: (path as NSString).lastPathComponent))
  }

  private mutating func inspectLabels() {
    guard let path = files.label, inspectHeader(path, contents: "label") else { return }
    do {
      let map = try CaseLoader.readLabels(path)
      let spacing = map.geometry.spacing
      let voxelVolume = spacing.x * spacing.y * spacing.z / 1000
      let counts = map.counts
      result.labels = counts.filter { $0.label != 0 }.map {
        LabelInspection(
          value: $0.label, voxels: $0.voxels, millilitres: Double($0.voxels) * voxelVolume)
      }
      let unnamed = counts.map(\.label).filter { $0 != 0 && !expectation.labelNames.contains($0) }
      if !expectation.labelNames.isEmpty && !unnamed.isEmpty {
        add(
          .unnamedLabels, file: (path as NSString).lastPathComponent,
          "holds labels \(unnamed.map(String.init).joined(separator: ", ")), which the data set does not name"
        )
      }
      covered = [UInt8](repeating: 0, count: map.labels.count)
      slices?.aim(at: map)
      labels = map
    } catch {
      note(error, path)
    }
  }

  private mutating func inspectScans(of path: String) {
    let images = files.images.filter { $0.path == path }
    guard inspectHeader(path, contents: images.map(\.contrast).joined(separator: " ")) else { return }
    do {
      let loaded = try CaseLoader.loadCase(CaseFiles(name: files.name, images: images, label: nil))
      for (contrast, scan) in zip(loaded.contrasts, loaded.images) {
        try inspect(scan, contrast: contrast, path: path)
      }
    } catch {
      note(error, path)
    }
  }

  private mutating func inspect(_ scan: Volume, contrast: String, path: String) throws {
    result.scans.append(
      ScanInspection(
        contrast: contrast, file: (path as NSString).lastPathComponent, intensities: IntensitySummary(scan),
        contentHash: scan.contentHash))
    if scan.voxels.count == covered.count {
      for index in covered.indices where scan.voxels[index] != 0 { covered[index] = 1 }
    }
    if let grid {
      try CaseCheck.sameGrid(scan.geometry, path, as: grid.geometry, grid.path)
    } else {
      grid = (scan.geometry, path)
    }
    if let summary = result.scans.last?.intensities {
      let view = view(of: path)
      slices?.add(
        scan, labels: labels, black: summary.percentile(1), white: summary.percentile(99), view: view)
    }
  }

  private func view(of path: String) -> SliceView {
    if result.files.last?.orientation == nil { return .picture }
    let name = (path as NSString).lastPathComponent
    let isDoubtful = result.findings.contains { $0.kind == .noOrientation && $0.file == name }
    return isDoubtful ? .doubtful : .patient
  }

  private mutating func compareLabels() {
    guard let labels, let grid, let path = files.label else { return }
    do {
      try CaseCheck.sameGrid(labels.geometry, path, as: grid.geometry, grid.path)
    } catch {
      note(error, path)
      return
    }
    for index in covered.indices where covered[index] == 0 && labels.labels[index] != 0 {
      result.labelledOutside += 1
    }
    if result.labelledOutside > 0 {
      add(
        .labelsOutside, file: (path as NSString).lastPathComponent,
        "\(result.labelledOutside) labelled voxels lie where every scan is 0")
    }
  }

  /// Files of one case whose x axes run against each other: one of them may be mirrored.
  private mutating func compareFiles() {
    let placed = result.files.filter { $0.orientation != nil }
    guard let first = placed.first else { return }
    for file in placed.dropFirst() where file.side != first.side || file.isRightHanded != first.isRightHanded
    {
      add(
        .leftRight, file: file.name,
        "lies \(file.orientation ?? "") while \(first.name) lies \(first.orientation ?? "")")
    }
  }
}

extension FileInspection {
  /// `L` or `R`: which way the left-right axis runs.
  var side: Character? { orientation?.first { "LR".contains($0) } }
}
