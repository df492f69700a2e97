package com.example.shop;

import java.util.List;
import org.springframework.web.bind.annotation.*;

@RestController
@RequestMapping("/articles")
public class ArticleController {
    private final Articles articles;

    public ArticleController(Articles articles) {
        this.articles = articles;
    }

    @GetMapping
    public List<Article> all() {
        return articles.findAll();
    }

    @PostMapping
    public Article add(@RequestBody Article article) {
        return articles.save(article);
    }
}
