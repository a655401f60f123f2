/// How much of a label a site's cases have: counts and sums.
package struct LabelVolumes: Sendable, Equatable {
  package let value: UInt16
  /// Cases that have the label.
  package private(set) var cases: Int
  package private(set) var voxels: Int
  /// Sums over those cases of their volume, and of its square.
  package private(set) var millilitres: Double
  package private(set) var squaredMillilitres: Double

  package init(value: UInt16, cases: Int, voxels: Int, millilitres: Double, squaredMillilitres: Double) {
    (self.value, self.cases, self.voxels) = (value, cases, voxels)
    (self.millilitres, self.squaredMillilitres) = (millilitres, squaredMillilitres)
  }

  /// One case's.
  package init(value: UInt16, voxels: Int, millilitres: Double) {
    self.init(
      value: value, cases: 1, voxels: voxels, millilitres: millilitres,
      squaredMillilitres: millilitres * millilitres)
  }

  /// Mean volume of the cases that have the label, in ml; 0 where none does.
  package var mean: Double { cases == 0 ? 0 : millilitres / Double(cases) }

  /// Its deviation over those cases (over n).
  package var deviation: Double {
    cases == 0 ? 0 : max(0, squaredMillilitres / Double(cases) - mean * mean).squareRoot()
  }

  /// The labels of both lists, by value; `first` and `second` are ascending.
  static func merging(_ first: [LabelVolumes], _ second: [LabelVolumes]) -> [LabelVolumes] {
    Set((first + second).map(\.value)).sorted().map { value in
      let parts = (first + second).filter { $0.value == value }
      return parts.dropFirst().reduce(into: parts[0]) { sum, part in
        sum.cases += part.cases
        sum.voxels += part.voxels
        sum.millilitres += part.millilitres
        sum.squaredMillilitres += part.squaredMillilitres
      }
    }
  }
}
