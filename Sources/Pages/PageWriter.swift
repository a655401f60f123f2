import Mustache
import Plots

/// Makes one HTML file of a page: no network, no other file, no script from elsewhere. A live one asks its server for news, and nobody else.
package struct PageWriter {
  private let library: MustacheLibrary

  package init() {
    MustacheContentTypes.register(MarkupText(), named: MarkupText.name)
    var library = MustacheLibrary()
    for (name, text) in EmbeddedTexts.all where name.hasSuffix(".mustache") {
      do {
        // Each by itself: a template within another one begins with Mustache's own escape.
        try library.register(
          "{{% CONTENT_TYPE:\(MarkupText.name)}}" + text, named: String(name.dropLast(".mustache".count)))
      } catch {
        preconditionFailure("the template \(name) is none: \(error)")
      }
    }
    self.library = library
  }

  /// The whole page.
  package func html(_ page: Page) -> String {
    func whole(_ ending: String) -> String {
      (["page"] + (page.hasViewer ? ["viewer"] : []) + (page.isLive ? ["live"] : []))
        .map { Self.text("\($0).\(ending)") }.joined(separator: "\n")
    }
    let view = PageView(page, style: whole("css"), script: whole("js"))
    guard let html = library.render(view, withTemplate: "page") else {
      preconditionFailure("there is no template page")
    }
    return html
  }

  private static func text(_ name: String) -> String {
    guard let text = EmbeddedTexts.all.first(where: { $0.name == name })?.text else {
      preconditionFailure("there is no file \(name) among the templates")
    }
    return text
  }
}
