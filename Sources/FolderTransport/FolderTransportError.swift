import Foundations

/// What can be wrong with messages that travel as files, apart from their content (`ProtocolError`).
package enum FolderTransportError: DescribedError {
  /// The file is cut or changed, and stayed so.
  case notWhole(site: String, path: String, found: String, expected: String)
  /// The answer lies under a request's name and was given to another one.
  case foreignAnswer(site: String, path: String, found: String, expected: String)
  /// Another process works with the folder.
  case inUse(path: String)

  package var description: String {
    switch self {
    case .notWhole(let site, let path, let found, let expected):
      "Site \(site): \(path): found \(found), expected \(expected). It was cut or changed on the way: copy it again."
    case .foreignAnswer(let site, let path, let found, let expected):
      "Site \(site): \(path): found an answer to request \(found), expected one to \(expected). "
        + "It belongs elsewhere: check where the file came from."
    case .inUse(let path):
      "\(path): another segfed is working with it, expected none. Wait for it, or choose another folder."
    }
  }
}
