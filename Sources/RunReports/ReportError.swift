import Foundations

/// What a report cannot be made of.
package enum ReportError: DescribedError {
  case newer(path: String, found: Int, expected: Int)
  case nothing(path: String)
  case noOutput(runs: Int)
  case unknownSite(run: String, found: String, known: [String])
  case notTested(run: String, site: String)
  /// Where a site's cases lie is not known, or no longer true.
  case noData(site: String, path: String?)

  package var description: String {
    switch self {
    case .newer(let path, let found, let expected):
      "\(path): schema_version: found \(found), expected \(expected) or less. It was written by a newer segfed; read it with that one."
    case .nothing(let path):
      "\(path): found nothing that a report can tell of, expected the folder of a run (train, loso, kfold, --seeds), or of segfed sweep, "
        + "matrix or bandwidth."
    case .noOutput(let runs):
      "--output: found none for \(runs) runs, expected the file that their common report is to be, such as --output report.html."
    case .unknownSite(let run, let found, let known):
      "--site \(found): \(run) has no such site, expected one of \(known.joined(separator: ", "))."
    case .notTested(let run, let site):
      "\(run): found no scores of site \(site) (sites/\(site)/metrics.csv), expected those of a run that has come to its end. Let it end, "
        + "with --resume where it was stopped, and ask again."
    case .noData(let site, let path):
      "--data: found none, and the cases of site \(site) are not at \(path ?? "a place that the run knows"), expected the folder that holds "
        + "them. Name it with --data DIR."
    }
  }
}
