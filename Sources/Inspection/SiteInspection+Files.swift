import Foundations
import Imaging
import Reporting

extension SiteInspection {
  /// One line for each file: what its header and its voxels say. For spreadsheets.
  package func csv() -> String {
    let percents = IntensitySummary.percents.map { "p\(Int($0))" }
    var table = CSVDocument(
      columns: [
        "case", "file", "contents", "format", "data_type", "size_i", "size_j", "size_k", "volumes",
        "spacing_i_mm", "spacing_j_mm", "spacing_k_mm", "orientation", "nonzero_voxels",
      ] + percents + ["findings"])
    for item in cases {
      for file in item.files {
        let scan = item.scans.first { $0.file == file.name }
        let found = item.findings.filter { $0.file == file.name }
        let spacing = file.spacing.map { [$0.x, $0.y, $0.z] }
        table.add(
          [item.name, file.name, file.contents, file.format, file.dataType]
            + [file.size.x, file.size.y, file.size.z, file.volumes].map(String.init)
            + (0..<3).map { CSVDocument.field(spacing?[$0]) }
            + [file.orientation ?? "", scan.map { "\($0.intensities.voxels)" } ?? ""]
            + percents.indices.map { CSVDocument.field(scan?.intensities.percentiles[$0]) }
            + [found.map(\.message).joined(separator: "; ")])
      }
      let others = item.findings.filter { finding in !item.files.contains { $0.name == finding.file } }
      if !others.isEmpty {
        let blank = [String](repeating: "", count: 12 + percents.count)
        table.add([item.name, ""] + blank + [others.map(\.message).joined(separator: "; ")])
      }
    }
    return table.rendered()
  }

  /// Everything, for scripts.
  package func json() -> JSONValue {
    .object([
      ("schema_version", .integer(InspectionReport.schemaVersion)),
      ("site", .string(name)),
      ("findings", .array(findings.map(\.json))),
      ("cases", .array(cases.map(\.json))),
    ])
  }
}

extension CaseInspection {
  fileprivate var json: JSONValue {
    .object([
      ("case", .string(name)),
      ("files", .array(files.map(\.json))),
      (
        "scans",
        .array(
          scans.map { scan in
            .object([
              ("contrast", .string(scan.contrast)), ("file", .string(scan.file)),
              ("nonzero_voxels", .integer(scan.intensities.voxels)),
              (
                "percentiles",
                .object(
                  zip(IntensitySummary.percents, scan.intensities.percentiles).map {
                    ("\(Int($0))", .number($1))
                  })
              ),
              ("content_hash", .string(String(scan.contentHash, radix: 16))),
            ])
          })
      ),
      (
        "labels",
        labels.map { labels in
          .array(
            labels.map {
              .object([
                ("label", .integer(Int($0.value))), ("voxels", .integer($0.voxels)),
                ("ml", .number($0.millilitres)),
              ])
            })
        } ?? .null
      ),
      ("labelled_voxels_where_scans_are_0", .integer(labelledOutside)),
      ("findings", .array(findings.map(\.json))),
    ])
  }
}

extension FileInspection {
  fileprivate var json: JSONValue {
    .object([
      ("file", .string(name)), ("contents", .string(contents)), ("format", .string(format)),
      ("data_type", .string(dataType)),
      ("size", .array([size.x, size.y, size.z].map { .integer($0) })),
      ("volumes", .integer(volumes)),
      ("spacing_mm", spacing.map { .array([$0.x, $0.y, $0.z].map { .number($0 as Double) }) } ?? .null),
      ("orientation", .string(orientation)),
    ])
  }
}

extension Finding {
  fileprivate var json: JSONValue {
    .object([
      ("kind", .string(kind.rawValue)), ("severity", .string(kind.severity.rawValue)),
      ("file", .string(file)), ("message", .string(message)),
    ])
  }
}
