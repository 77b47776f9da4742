import './index.css';
import './table.css';
import './compare.css';
import './picker.css';
import './evaluation.css';
import './run.css';
import './schema.css';
