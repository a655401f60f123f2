/// How far a word is from another, to suggest what was meant.
package enum Spelling {
  /// Letters to insert, remove or replace (Levenshtein 1966).
  package static func distance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first.lowercased()), Array(second.lowercased()))
    var row = Array(0...second.count)
    for (i, letter) in first.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in second.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[second.count]
  }

  /// A sentence that names the nearest of the words that exist; empty where none is near.
  package static func suggestion(_ found: String, of known: [String]) -> String {
    let distances = known.map { (word: $0, distance: distance(found, $0)) }
    guard let nearest = distances.min(by: { $0.distance < $1.distance }), nearest.distance <= 3 else {
      return ""
    }
    return " Did you mean \(nearest.word)?"
  }
}
