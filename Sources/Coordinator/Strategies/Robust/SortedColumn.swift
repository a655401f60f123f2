/// All updates' values of one element in ascending order: the middle lies between honest ones while fewer than half are hostile.
struct SortedColumn {
  private(set) var values: [Float]

  init(sites: Int) {
    values = [Float](repeating: 0, count: sites)
  }

  mutating func take(_ index: Int, of rows: [[Float]]) {
    for site in values.indices { values[site] = rows[site][index] }
    values.sort()
  }

  /// The middle one; the mean of the middle two of an even number.
  var median: Double {
    let middle = values.count / 2
    return values.count % 2 == 1
      ? Double(values[middle]) : (Double(values[middle - 1]) + Double(values[middle])) / 2
  }
}
