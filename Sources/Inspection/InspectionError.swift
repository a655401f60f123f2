import Foundations

/// Why an audit cannot be made or kept. What is wrong with a scan is no error here but a `Finding`.
package enum InspectionError: DescribedError {
  case notAnInspection(path: String)
  case siteName(name: String)
  case outputInside(data: String, output: String)

  package var description: String {
    switch self {
    case .notAnInspection(let path):
      "\(path): holds other files than an inspection's (inspection.json, sites); expected an empty folder or an "
        + "earlier inspection. Choose another output folder."
    case .siteName(let name):
      "site \(name): expected a name that a folder can have, without /. Rename the site in the data set's table."
    case .outputInside(let data, let output):
      "\(output): lies inside the data folder \(data); expected a folder outside of it. Choose another output folder."
    }
  }
}
