import Foundations

/// Why a case cannot be shown.
package enum ViewError: DescribedError {
  case severalCases(path: String, found: Int)
  case noCase(path: String, data: String)
  case unknownContrast(path: String, found: String, known: [String])
  case noPlane(path: String, plane: String)
  case slice(path: String, plane: String, found: Int, slices: Int)
  case outputName(path: String)
  case nowhereToDraw

  package var description: String {
    switch self {
    case .severalCases(let path, let found):
      "\(path): found \(found) cases, expected one. Name one of them: \(path)/<case>, or \(path)/<site>/<case>."
    case .noCase(let path, let data):
      "\(path): no such file, and \(data) has no case of that name, expected a scan, a case folder, or <data>/<site>/<case>. Check the name."
    case .unknownContrast(let path, let found, let known):
      "\(path): the case has no contrast \(found), expected one of \(known.joined(separator: ", ")).\(Spelling.suggestion(found, of: known))"
    case .noPlane(let path, let plane):
      "\(path): has a single slice, of which --plane \(plane) would be a line of voxels. Leave --plane out, or give --plane axial."
    case .slice(let path, let plane, let found, let slices):
      "\(path): --slice is \(found), expected 0 to \(slices - 1), since there are \(slices) \(plane) slices. Choose another, or one --plane."
    case .outputName(let path):
      "\(path): the picture is a PNG, expected a name ending in .png. Choose another name."
    case .nowhereToDraw:
      "standard output: found no terminal, expected one to draw in. Give --output FILE.png, or name how to draw with --terminal, such as --terminal blocks."
    }
  }
}
