import Foundations

/// What is wrong with a data set's folder, beside its scans.
package enum LayoutError: DescribedError {
  case unlike(path: String, layout: DatasetLayout)
  case json(path: String, field: String, expected: String)
  case missingColumns(path: String, missing: [String], found: [String])
  case emptyName(path: String)
  case repeatedCase(path: String, name: String)
  case listedButMissing(list: String, path: String)
  case outside(list: String, path: String)
  case unlisted(list: String, cases: [String])
  case fileName(path: String, expected: String)
  case channel(path: String, number: Int, known: [String], list: String)
  case severalLabels(path: String, found: [String])
  case hasSites(path: String, sites: [String])
  case siteCount(path: String, partition: String, found: Int?, expected: Int?)
  case fewCases(path: String, cases: Int, sites: Int, least: Int)

  package var description: String {
    switch self {
    case .unlike(let path, let layout):
      "\(path): does not look like \(layout.title): expected \(layout.expectation). Name another --layout."
    case .json(let path, let field, let expected):
      "\(path): \(field) is missing or of another kind; expected \(expected). Correct the file."
    case .missingColumns(let path, let missing, let found):
      "\(path): no column \(missing.joined(separator: ", ")); found \(found.joined(separator: ", ")). "
        + "Name the columns in the first line."
    case .emptyName(let path):
      "\(path): a line names no site or no case, or has a / in the name; expected both, as folder names. Correct it."
    case .repeatedCase(let path, let name):
      "\(path): lists the case \(name) twice, expected every case once. Remove one line."
    case .listedButMissing(let list, let path):
      "\(list): lists \(path), which does not exist. Add the file, or take the case off the list."
    case .outside(let list, let path):
      "\(list): lists \(path), which lies neither beside the table nor below it; expected files that can keep their relative "
        + "paths in a copy. Move the table above its files."
    case .unlisted(let list, let cases):
      "\(list): does not list \(cases.count) case\(cases.count == 1 ? "" : "s") that lie beside it, the first "
        + "\(cases.first ?? ""); expected every case. Add them to the list, or move them away."
    case .fileName(let path, let expected):
      "\(path): its name is not of the layout's form; expected \(expected). Rename or move it."
    case .channel(let path, let number, let known, let list):
      "\(path): is channel \(number), but \(list) names only \(known.count) (\(known.joined(separator: ", "))). "
        + "Add the channel's name there."
    case .severalLabels(let path, let found):
      "\(path): \(found.count) label maps for one case: \(found.joined(separator: ", ")); expected one. Remove the others."
    case .hasSites(let path, let sites):
      "\(path): has \(sites.count) sites already (\(sites.prefix(5).joined(separator: ", "))); only a folder without sites "
        + "is split into simulated ones. Leave out --sites and --split."
    case .siteCount(let path, let partition, let found, let expected):
      "\(path): --split \(partition) \(expected.map { "has \($0) sites" } ?? "needs a number of sites"), found "
        + "\(found.map(String.init) ?? "none"). Give --sites\(expected.map { " \($0), or leave it out" } ?? "")."
    case .fewCases(let path, let cases, let sites, let least):
      "\(path): found \(cases) cases for \(sites) simulated sites, expected \(sites * least) or more (\(least) for each). "
        + "Ask for fewer sites."
    }
  }
}
