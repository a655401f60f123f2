import Foundations

/// What can be wrong with a request for simulated sites.
package enum SimulationError: DescribedError {
  case unknownProfile(name: String, known: [String])
  case outputNotEmpty(path: String)
  case outputIsFile(path: String)
  case foreignFolder(path: String)
  case caseCount(found: Int)
  case scale(found: Double)
  case grid(field: String, found: String, expected: String)

  package var description: String {
    switch self {
    case .unknownProfile(let name, let known):
      "Profile \"\(name)\" is not known. Choose one of \(known.joined(separator: ", "))."
    case .outputNotEmpty(let path):
      "\(path): the output folder is not empty. Choose another, or add --force to replace the sites in it."
    case .outputIsFile(let path):
      "\(path): is a file, and a folder was expected. Choose another output folder."
    case .foreignFolder(let path):
      "\(path): was not made by segfed simulate, so --force does not replace it. Move it away, or choose "
        + "another output folder."
    case .caseCount(let found):
      "\(found) cases per site were asked for; 1 or more are expected. Set --cases."
    case .scale(let found):
      "Scale \(found) was asked for; a number above 0 and up to 1 is expected. Set --scale."
    case .grid(let field, let found, let expected):
      "Grid: \(field) is \(found), expected \(expected). Set another grid or spacing."
    }
  }
}
