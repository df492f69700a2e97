import { CommonModule } from '@angular/common';
import { Component } from '@angular/core';
import { FormsModule } from '@angular/forms';

interface Note {
  text: string;
  done: boolean;
}

@Component({
  selector: 'app-root',
  standalone: true,
  imports: [CommonModule, FormsModule],
  template: `
    <h1>Notes</h1>
    <form (ngSubmit)="add()">
      <input name="text" [(ngModel)]="text" placeholder="What is to be done?" />
      <button>Add</button>
    </form>
    <ul>
      <li *ngFor="let note of notes">
        <label><input type="checkbox" [(ngModel)]="note.done" /> {{ note.text }}</label>
      </li>
    </ul>
  `,
})
export class AppComponent {
  text = '';
  notes: Note[] = [];

  add() {
    if (this.text.trim()) this.notes.push({ text: this.text.trim(), done: false });
    this.text = '';
  }
}
