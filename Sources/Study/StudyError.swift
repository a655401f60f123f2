import Foundations

/// What can be wrong with a study.
package enum StudyError: DescribedError {
  /// A field of the study's file.
  case field(path: String, field: String, found: String, expected: String)
  /// A field whose value another rule refuses, in that rule's words.
  case value(path: String, field: String, reason: String)
  case unknownKey(path: String, field: String, known: [String])
  case doubledKey(path: String, field: String)
  case notLocked(path: String)
  /// The file was changed after it was locked, in these fields.
  case changed(path: String, lock: String, fields: [JSONDifference])
  case damagedLock(path: String, reason: String)
  /// A model, checkpoint or run that another study, or none, made.
  case otherStudy(path: String, found: String?, expected: String)
  /// Definitions that sites do not meet.
  case mismatches(study: String, problems: [String])
  case seed(study: String, found: UInt64, expected: [UInt64])
  /// Two reports of one name: sites could not be told apart, nor compared.
  case sameSite(String)
  case notAReport(path: String)
  case otherReport(path: String, found: String, expected: String)

  package var description: String {
    switch self {
    case .field(let path, let field, let found, let expected):
      "\(path): \(field): found \(found), expected \(expected)."
    case .value(let path, let field, let reason): "\(path): \(field): \(reason)"
    case .unknownKey(let path, let field, let known):
      "\(path): found the unknown key \(field), expected some of \(known.joined(separator: ", "))."
        + Spelling.suggestion(field.split(separator: ".").last.map(String.init) ?? field, of: known)
    case .doubledKey(let path, let field):
      "\(path): found the key \(field) twice in one place, expected it once. Remove one of them."
    case .notLocked(let path):
      "\(path): is not locked, expected \(path).lock beside it. Agree on it at every site (segfed study check), then segfed study lock."
    case .changed(let path, let lock, let fields):
      "\(path): was changed after it was locked (\(lock)): "
        + fields.map { "\($0.field): found \($0.found), locked \($0.expected)" }.joined(separator: "; ")
        + ". Take the change back, or lock anew with --force: runs of the locked study are not gone on with then."
    case .damagedLock(let path, let reason):
      "\(path): \(reason), expected what segfed study lock wrote. Lock the study again."
    case .otherStudy(let path, let found, let expected):
      "\(path): found \(found.map { "the study \($0.prefix(12))…" } ?? "no study"), expected the study \(expected.prefix(12))…. Take what "
        + "belongs to this study, or leave --study out."
    case .mismatches(let study, let problems):
      "\(study): \(problems.count) definition\(problems.count == 1 ? " is" : "s are") not met: "
        + problems.joined(separator: "; ")
        + ". Nothing was trained. segfed study check tells all there is to it."
    case .seed(let study, let found, let expected):
      "--seed: found \(found), expected one of \(expected.map { "\($0)" }.joined(separator: ", ")) as \(study) has them."
    case .sameSite(let name):
      "--reports: found two of a site called \(name), expected each site once. A folder of cases is called as itself: name it after the site."
    case .notAReport(let path): "\(path): is no report of segfed study check --json."
    case .otherReport(let path, let found, let expected):
      "\(path): is a report on the study \(found.prefix(12))…, expected \(expected.prefix(12))…. Check the same file at every site."
    }
  }
}
