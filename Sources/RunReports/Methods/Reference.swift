/// A publication that a run's methods rest on.
struct Reference: Sendable, Equatable {
  let key: String
  let authors: String
  let year: Int
  let title: String
  /// Journal, proceedings or archive.
  let venue: String
  /// As BibTeX has it, such as `doi = {…}`; an arXiv number where there is none.
  let identifier: Identifier

  enum Identifier: Sendable, Equatable {
    case doi(String)
    case arXiv(String)
    case none
  }

  init(
    _ key: String, _ authors: String, _ year: Int, _ title: String, _ venue: String, doi: String? = nil,
    arXiv: String? = nil
  ) {
    (self.key, self.authors, self.year) = (key, authors, year)
    (self.title, self.venue) = (title, venue)
    identifier = doi.map { .doi($0) } ?? arXiv.map { .arXiv($0) } ?? .none
  }

  /// Such as `McMahan et al. 2017`.
  var short: String {
    let names = authors.split(separator: " and ").map { $0.split(separator: ",")[0] }
    let first = names.first.map(String.init) ?? authors
    switch names.count {
    case 1: return "\(first) \(year)"
    case 2: return "\(first) and \(names[1]) \(year)"
    default: return "\(first) et al. \(year)"
    }
  }

  var bibTeX: String {
    var fields = [
      ("author", authors), ("title", "{\(title)}"), ("year", "\(year)"), ("journal", venue),
    ]
    switch identifier {
    case .doi(let doi): fields.append(("doi", doi))
    case .arXiv(let number): fields += [("eprint", number), ("archiveprefix", "arXiv")]
    case .none: break
    }
    return "@article{\(key),\n" + fields.map { "  \($0) = {\($1)}" }.joined(separator: ",\n") + "\n}"
  }
}
